import { type NoticeKind, noticeKinds, type State, type TimelineEntry } from '@joinery/protocol'
import { Notice } from '@joinery/protocol/notices'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { Value } from 'typebox/value'
import {
  alertBody,
  collapsedBody,
  enrolmentBody,
  judgeEntry,
  mayTell,
  noticeId,
  testBody
} from '../../../src/features/notices/notice-of.ts'

const at = '2026-01-01T00:00:00.000Z'
const entry = (event: string, alert = false): TimelineEntry => ({ at, actor: 'agent', event, detail: '', alert })
const all = new Set(noticeKinds)
const inState = (state: State, since = at) => anEnrolment('e', { state, since })

t.test('each kind of notice has its events, and an entry makes one notice at most', async (t) => {
  const rows: [TimelineEntry, State, NoticeKind | undefined][] = [
    [entry('enrol'), 'pending', 'pending'],
    // its notice is made a moment later: the event has happened all the same
    [entry('enrol'), 'approved', 'pending'],
    [entry('evidence-changed'), 'pending', 'pending'],
    [entry('restore'), 'pending', 'pending'],
    [entry('restore'), 'ready', undefined],
    [entry('become-ready'), 'ready', 'ready'],
    [entry('become-ready', true), 'ready', 'ready'],
    [entry('in-service'), 'ready', 'in-service'],
    [entry('give-up'), 'failed', 'failed'],
    [entry('fail'), 'approved', undefined],
    [entry('recover'), 'recovering', 'recovering'],
    [entry('conflict', true), 'frozen', 'frozen'],
    [entry('conflict', true), 'joined', 'alert'],
    [entry('unwanted-node', true), 'rejected', 'alert'],
    [entry('progress'), 'joining', undefined],
    [entry('toString'), 'pending', undefined],
    [entry('__proto__'), 'pending', undefined]
  ]
  for (const [one, state, kind] of rows) {
    // what froze later was frozen by another entry
    const since = state === 'frozen' ? at : '2026-01-01T00:00:09.000Z'
    t.equal(judgeEntry(one, inState(state, since), all), kind, `${one.event} in ${state}`)
    if (kind !== undefined) t.equal(mayTell(one), true, one.event)
  }
  t.equal(judgeEntry(entry('conflict', true), inState('frozen', '2026-01-01T00:00:01.000Z'), all), 'alert')
  t.same([mayTell(entry('progress')), mayTell(entry('toString'))], [false, false])
})

t.test('a receiver gets the kinds that it wants', async (t) => {
  const froze = entry('conflict', true)
  const frozen = inState('frozen')
  t.equal(judgeEntry(froze, frozen, new Set(['alert'])), 'alert')
  t.equal(judgeEntry(froze, frozen, new Set(['frozen'])), 'frozen')
  t.equal(judgeEntry(froze, frozen, new Set(['ready'])), undefined)
  t.equal(judgeEntry(entry('become-ready', true), inState('ready'), new Set(['alert'])), 'alert')
  t.equal(judgeEntry(entry('enrol'), undefined, all), undefined, 'an enrolment that is gone')
  t.equal(judgeEntry(entry('unknown-node', true), undefined, all), 'alert', 'of no enrolment')
})

t.test('an entry has the same id each time, and another entry another one', async (t) => {
  const one = { subject: 'e', entry: entry('enrol') }
  t.equal(noticeId(one), noticeId(structuredClone(one)))
  t.match(noticeId(one), /^msg_[A-Za-z0-9_-]{27}$/, 'without a full stop, which the signature separates by')
  const others = [
    { ...one, subject: 'f' },
    { ...one, entry: entry('used') },
    { ...one, entry: { ...one.entry, detail: 'x' } },
    { ...one, entry: { ...one.entry, at: '2026-01-01T00:00:00.001Z' } },
    { ...one, entry: { ...one.entry, actor: 'server' } },
    // the parts are kept apart
    { subject: 'e2026', entry: { ...one.entry, at: one.entry.at.slice(4) } }
  ]
  t.equal(new Set([one, ...others].map(noticeId)).size, 7)
})

const hostile = '</script>"\\\u001b[2J\u202e\u0000\n{{x}}<!channel>\ud800'

t.test('a body is what its schema says, and hostile text is data in it', async (t) => {
  const enrolment = anEnrolment('e', {
    name: hostile.repeat(100),
    address: hostile,
    code: hostile,
    key: `sha256:${'a'.repeat(64)}`,
    preflight: [{ name: hostile, verdict: 'fail', finding: hostile.repeat(1000), remedy: [] } as never]
  })
  const alert = { subject: hostile.repeat(99), event: hostile, detail: hostile.repeat(9999), next: hostile.repeat(99) }
  const bodies = {
    pending: enrolmentBody('pending', entry(hostile), enrolment),
    alert: alertBody(at, alert),
    collapsed: collapsedBody('pending', 4_900, at, at),
    test: testBody('relay', new Date(at))
  }
  for (const [what, body] of Object.entries(bodies)) {
    t.match(body, /^[\x20-\x7e]+$/, `${what}: one line in ASCII`)
    t.ok(body.length < 8 * 1024, `${what}: ${body.length} bytes`)
    const notice = JSON.parse(body)
    t.same([...Value.Errors(Notice, notice)], [], what)
    t.same(Object.keys(notice), ['type', 'timestamp', 'data'], what)
  }
  const { data } = JSON.parse(bodies.pending)
  t.notMatch(JSON.stringify(data), /[\p{C}]|\\u00/u, 'no text in it turns or clears a screen')
})

t.test('a notice shows what joinery list shows, and no evidence', async (t) => {
  const secret = 'SECRET'
  const enrolment = anEnrolment('e', {
    key: `sha256:${'ab'.repeat(32)}`,
    facts: { machineId: secret, serial: secret, systemUuid: secret } as never,
    join: { attempts: [{ tokenId: secret }] },
    conflict: { seen: [{ key: secret }] }
  })
  const body = enrolmentBody('pending', { ...entry('enrol'), detail: secret }, enrolment)
  t.notMatch(body, secret)
  t.match(JSON.parse(body), {
    type: 'enrolment.pending',
    timestamp: at,
    data: {
      enrolment: 'e',
      name: 'name-of-e',
      state: 'pending',
      role: 'worker',
      key: 'abab-abab-abab-abab-abab',
      message: 'waiting for approval',
      event: 'enrol',
      alert: false,
      next: 'joinery show name-of-e'
    }
  })
})
