import { day, hour } from '@joinery/protocol'
import { type DecisionSpec, decisionName } from '@joinery/protocol/door'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { judgeDecision } from '../../../../src/features/kubernetes-api/decisions/judge-decision.ts'

const id = '00000000-0000-4000-8000-000000000001'
const key = `sha256:${'a'.repeat(64)}`
const now = new Date('2026-01-10T00:00:00Z')
const enrolment = anEnrolment(id, { key, name: 'worker-1', revision: 7, approval: { shownAt: 5 } })
const spec = { enrolment: id, role: 'worker', verdict: 'approve', key, revision: 5, by: 'alice' }
const replace = { verdict: 'replace', node: 'n1' }
const reject = { verdict: 'reject', reason: 'no' }
const ago = (milliseconds: number): Date => new Date(now.getTime() - milliseconds)

const judge = (differs: object, created = now, about: typeof enrolment | undefined = enrolment) =>
  judgeDecision({ name: 'd-1', uid: 'u1', created, spec: { ...spec, ...differs } }, about, now)
const refused = (code: string) => ({ refused: { code } })

t.test('a Decision that fits what was shown is carried out at that revision', async (t) => {
  for (const differs of [{}, replace, reject, { verdict: 'retry' }, { verdict: 'release' }, { verdict: 'remove' }]) {
    t.match(judge(differs), { spec: { ...spec, ...differs }, revision: 5 }, JSON.stringify(differs))
  }
})

t.test('a Decision that does not fit the enrolment is refused with the reason', async (t) => {
  const table: [what: string, differs: object, code: string][] = [
    ['another revision', { revision: 6 }, 'revision-changed'],
    ['the revision of the document', { revision: 7 }, 'revision-changed'],
    ['a reject of another revision', { ...reject, revision: 4 }, 'revision-changed'],
    ['a remove of another revision', { verdict: 'remove', revision: 4 }, 'revision-changed'],
    ['another key', { key: `sha256:${'b'.repeat(64)}` }, 'revision-changed'],
    ['no key', { key: '' }, 'revision-changed'],
    ['another role', { role: 'control-plane' }, 'invalid-request'],
    ['a replace without a Node', { verdict: 'replace' }, 'invalid-request'],
    ['an approve with a Node', { node: 'n1' }, 'invalid-request'],
    ['a reject without a reason', { verdict: 'reject' }, 'invalid-request'],
    ['a reject with an empty reason', { verdict: 'reject', reason: '' }, 'invalid-request'],
    ['another enrolment', { enrolment: id.replace('1', '2') }, 'not-found']
  ]
  for (const [what, differs, code] of table) t.match(judge(differs), refused(code), what)
  t.match(
    judgeDecision({ name: 'd-1', uid: 'u1', created: now, spec }, undefined, now),
    refused('not-found'),
    'no enrolment'
  )
})

t.test('C5: a Decision whose name binds another spec is refused, whatever the other one is', async (t) => {
  const sent: DecisionSpec = { ...spec, role: 'worker', verdict: 'approve' }
  const named = (differs: object) =>
    judgeDecision(
      { name: decisionName(sent, '0123456789abcdef'), uid: 'u1', created: now, spec: { ...sent, ...differs } },
      enrolment,
      now
    )
  t.match(named({}), { spec: sent })
  for (const differs of [{ revision: 6 }, { reason: 'any' }, { by: 'bob' }, reject, { verdict: 'release' }])
    t.match(named(differs), refused('cluster-unsafe'), JSON.stringify(differs))
})

t.test('a spec that no schema has let in is refused, whatever the cluster took', async (t) => {
  const bad: object[] = [
    { enrolment: 'worker-1' },
    { enrolment: '../x' },
    { enrolment: '' },
    { role: 'Control-Plane' },
    { role: undefined },
    { verdict: 'grant' },
    { verdict: 'APPROVE' },
    { key: 'sha256:short' },
    { revision: -1 },
    { revision: 1.5 },
    { revision: '5' },
    { by: '' },
    { by: undefined },
    { by: 'alice\u001b[2J' },
    { by: 'alice\u0007' },
    { by: 'ali\u202ece' },
    { by: 'a'.repeat(513) },
    { reason: 'r'.repeat(513) },
    { reason: 'a\nb' },
    { ...replace, node: 'n/1' }
  ]
  for (const differs of bad) t.match(judge(differs), refused('invalid-request'), JSON.stringify(differs).slice(0, 60))
  for (const whole of [undefined, null, 'approve', [], 5]) {
    t.match(
      judgeDecision({ name: 'd-1', uid: 'u1', created: now, spec: whole }, enrolment, now),
      refused('invalid-request')
    )
  }
})

t.test('what lets a machine in holds for an hour, and what takes away for seven days', async (t) => {
  for (const differs of [{}, replace, { verdict: 'retry' }, { verdict: 'release' }]) {
    t.notMatch(judge(differs, ago(hour)), { refused: {} }, 'an hour')
    t.match(judge(differs, ago(hour + 1)), refused('illegal-event'), 'longer')
    t.match(judge(differs, ago(-hour - 1)), refused('illegal-event'), 'from the future')
    t.match(judge(differs, new Date(Number.NaN)), refused('illegal-event'), 'without a time')
  }
  for (const differs of [reject, { verdict: 'remove' }]) {
    t.notMatch(judge(differs, ago(7 * day)), { refused: {} }, 'seven days')
    t.match(judge(differs, ago(7 * day + 1)), refused('illegal-event'), 'longer')
  }
})

t.test('a control plane is removed by root alone, and the refusal says so', async (t) => {
  const plane = anEnrolment(id, { ...enrolment, role: 'control-plane' })
  const about = { role: 'control-plane', verdict: 'remove' }
  t.match(judge(about, now, plane), { refused: { code: 'illegal-event', message: /root on a control-plane host/ } })
  t.match(judge({ ...about, ...reject }, now, plane), { revision: 5 }, 'to reject one is not')
})

t.test('release may name the key of the other machine, since it names the one that is right', async (t) => {
  const other = `sha256:${'b'.repeat(64)}`
  t.match(judge({ verdict: 'release', key: other }), { spec: { key: other } })
})

t.test('the Decision that made room goes on after a crash, and no other one', async (t) => {
  const made = (revision: number, decision = 'u1') =>
    anEnrolment(id, {
      ...enrolment,
      revision: 9,
      approval: { ...enrolment.approval, shownAt: 8, makingRoom: { decision, revision } }
    })
  t.match(judge(replace, now, made(8)), { revision: 8 })
  t.match(judge(replace, now, made(7)), refused('revision-changed'), 'the machine says something else since')
  t.match(judge(replace, now, made(8, 'u2')), refused('revision-changed'), 'another Decision')
})
