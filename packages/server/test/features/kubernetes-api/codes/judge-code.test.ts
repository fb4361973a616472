import { day } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import t from 'tap'
import { judgeCode, type KnownOfCode } from '../../../../src/features/kubernetes-api/codes/judge-code.ts'

const hash = 'ab'.repeat(32)
const now = new Date('2026-01-10T00:00:00Z')
const at = (milliseconds: number): Date => new Date(now.getTime() + milliseconds)
const iso = (milliseconds: number): string => at(milliseconds).toISOString()
const spec = { hash, name: 'worker-1', role: 'worker', expires: iso(day), by: 'alice' }
const unknown: KnownOfCode = { code: undefined, setBack: undefined }

interface Seen {
  name?: string
  created?: Date
  status?: unknown
}

const judge = (differs: object, { name = hash, created = now, status }: Seen = {}, known = unknown) =>
  judgeCode({ name, created, status, spec: { ...spec, ...differs } }, known, now)
const refused = (code: string) => ({ refused: { code } })

t.test('a Code of an unknown hash is accepted, with what it asks and nothing else', async (t) => {
  const asked = {
    name: 'worker-{n}',
    role: 'worker',
    uses: 3,
    from: ['192.0.2.0/24'],
    labels: { rack: '7' },
    taints: [{ key: 'a', value: '', effect: 'NoSchedule' }],
    readyWhen: ['condition:A', 'daemonset:a/b'],
    credential: 'certificate',
    prefetch: false
  }
  const policy = { remediate: 'off', ignore: ['swap'] }
  const more = { ...asked, policy: { ...policy, extra: 1 }, extra: 1, hidden: { a: 1 } }
  t.same(judge(more), { asked: { ...asked, policy }, expires: at(day), by: 'alice' })
  t.same(judge({ policy: {} }), {
    asked: { name: 'worker-1', role: 'worker', policy: { ignore: [] } },
    expires: at(day),
    by: 'alice'
  })
})

t.test('a time with another offset is the same time', async (t) => {
  t.match(judge({ expires: '2026-01-11T02:00:00+02:00' }), { expires: at(day) })
})

t.test('a Code whose hash is known is refused, whosever the code is', async (t) => {
  for (const object of [{}, { object: { uid: 'another' } }]) {
    const code = aCode(hash, { hash, ...object })
    t.match(judge({}, {}, { ...unknown, code }), refused('code-over'))
    t.match(judge({ expires: iso(-1) }, {}, { ...unknown, code }), refused('code-over'), 'after its end as well')
  }
})

t.test('a Code that another store may have known is refused', async (t) => {
  for (const status of [{ state: 'used', used: 1 }, {}, null]) {
    t.match(judge({}, { status }), refused('code-over'), JSON.stringify(status))
  }
  const setBack = at(-1000)
  t.match(judge({}, { created: setBack }, { ...unknown, setBack }), refused('code-over'))
  t.match(judge({}, { created: at(-999) }, { ...unknown, setBack }), { by: 'alice' })
})

t.test('a code ends in the future, and at most 30 days after its Code was made', async (t) => {
  t.match(judge({ expires: iso(0) }), refused('code-expired'))
  t.match(judge({ expires: iso(1) }), { expires: at(1) })
  t.match(judge({ expires: iso(30 * day) }), { expires: at(30 * day) })
  t.match(judge({ expires: iso(30 * day + 1) }), refused('invalid-request'))
  t.match(judge({ expires: iso(30 * day) }, { created: at(-1) }), refused('invalid-request'))
})

t.test('a Code is read within seven days, or makes no code', async (t) => {
  const expires = iso(20 * day)
  t.match(judge({ expires }, { created: at(-7 * day) }), { by: 'alice' })
  t.match(judge({ expires }, { created: at(-7 * day - 1) }), refused('illegal-event'))
  t.match(judge({ expires }, { created: at(7 * day + 1) }), refused('illegal-event'), 'from the future')
  t.match(judge({}, { created: new Date(Number.NaN) }), refused('invalid-request'), 'without a time')
})

t.test('a spec that no schema has let in is refused, whatever the cluster took', async (t) => {
  const bad: object[] = [
    { hash: hash.toUpperCase() },
    { hash: 'ab' },
    { hash: undefined },
    { role: undefined },
    { role: 'Control-Plane' },
    { role: 'admin' },
    { name: 'worker-1\n' },
    { name: '../x' },
    { name: 'a'.repeat(254) },
    { name: 5 },
    { uses: 0 },
    { uses: 1001 },
    { uses: 1.5 },
    { uses: '3' },
    { from: ['\u001b[2J'] },
    { from: Array.from({ length: 17 }, () => '192.0.2.0/24') },
    { from: '192.0.2.0/24' },
    { labels: { a: 5 } },
    { labels: { a: 'a'.repeat(64) } },
    { labels: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`a${index}`, ''])) },
    { taints: [{ key: 'a', value: '', effect: 'Never' }] },
    { taints: [{ key: 'a', value: '', effect: 'NoSchedule', more: 1 }] },
    { readyWhen: 'condition:A' },
    { readyWhen: [5] },
    { readyWhen: ['condition:A\n'] },
    { readyWhen: ['a'.repeat(451)] },
    { readyWhen: Array.from({ length: 9 }, (_, index) => `condition:A${index}`) },
    { policy: { remediate: 'all' } },
    { policy: { ignore: ['A B'] } },
    { credential: 'password' },
    { prefetch: 'yes' },
    { expires: 'tomorrow' },
    { expires: '2026-01-11' },
    { expires: undefined },
    { expires: 1 },
    { by: '' },
    { by: undefined },
    { by: 'alice\u001b[2J' },
    { by: 'ali\u202ece' },
    { by: 'a'.repeat(513) }
  ]
  for (const differs of bad) t.match(judge(differs), refused('invalid-request'), JSON.stringify(differs).slice(0, 60))
  t.match(judge({}, { name: 'another' }), refused('invalid-request'), 'another name than the hash')
  for (const whole of [undefined, null, 'code', [], 5]) {
    t.match(
      judgeCode({ name: hash, created: now, status: undefined, spec: whole }, unknown, now),
      refused('invalid-request')
    )
  }
})
