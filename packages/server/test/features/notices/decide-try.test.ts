import { day, hour } from '@joinery/protocol'
import t from 'tap'
import type { NoticeDocument, ReceiverDocument } from '../../../src/core/ports/store/notice-queue.ts'
import { decideTry, judgeAnswer, type Tried } from '../../../src/features/notices/decide-try.ts'

const now = new Date('2026-01-01T12:00:00Z')
const later = (milliseconds: number): string => new Date(now.getTime() + milliseconds).toISOString()
const receiver: ReceiverDocument = { name: 'relay', revision: 3, place: 7 }
const notice: NoticeDocument = {
  receiver: 'relay',
  id: 'msg_1',
  revision: 2,
  kind: 'alert',
  body: '{}',
  since: now.toISOString(),
  due: now.toISOString(),
  tries: 0
}
const failing = { since: later(-hour), times: 2, until: now.toISOString(), reason: 'answered 500' }
const decide = (tried: Tried, more: { receiver?: ReceiverDocument; notice?: NoticeDocument } = {}) =>
  decideTry({ receiver, notice, tried, now, random: 0.5, url: 'hash', ...more })
const failed: Tried = { delivered: false, reason: 'answered 500' }

t.test('only an answer of 2xx is a delivery, and 410 ends the receiver', async (t) => {
  for (const status of [200, 201, 204, 299]) t.same(judgeAnswer({ status }), { delivered: true }, `${status}`)
  const rows: [Parameters<typeof judgeAnswer>[0], Tried][] = [
    [{ status: 199 }, { delivered: false, reason: 'answered 199' }],
    [{ status: 301 }, { delivered: false, reason: 'answered 301, and a redirect is not followed' }],
    [{ status: 404 }, { delivered: false, reason: 'answered 404' }],
    [{ status: 410 }, { delivered: false, reason: 'answered 410', gone: true }],
    [
      { status: 429, retryAfter: 1000 },
      { delivered: false, reason: 'answered 429', retryAfter: 1000 }
    ],
    [{ status: 500 }, { delivered: false, reason: 'answered 500' }],
    [{ failure: 'nobody listens there' }, { delivered: false, reason: 'nobody listens there' }]
  ]
  for (const [answered, tried] of rows) t.same(judgeAnswer(answered), tried)
})

t.test('a notice that was taken leaves the queue, and the receiver is written only if it was failing', async (t) => {
  t.same(decide({ delivered: true }), { sent: [notice] })
  t.same(decide({ delivered: true }, { receiver: { ...receiver, failing } }), { sent: [notice], receivers: [receiver] })
})

t.test('a notice that was not taken waits for its next try, and its receiver pauses', async (t) => {
  t.same(decide(failed), {
    receivers: [
      { ...receiver, failing: { since: now.toISOString(), times: 1, until: later(5_000), reason: 'answered 500' } }
    ],
    notices: [{ ...notice, tries: 1, failure: 'answered 500', due: later(5_000) }]
  })
  const third = decide(failed, { receiver: { ...receiver, failing }, notice: { ...notice, tries: 2 } })
  t.match(third, { receivers: [{ failing: { since: failing.since, times: 3, until: later(20_000) } }] })
  t.match(third, { notices: [{ tries: 3, due: later(hour / 2) }] })
  const asked = decide({ ...failed, retryAfter: 60_000 })
  t.match(asked, { receivers: [{ failing: { until: later(60_000) } }], notices: [{ due: later(5_000) }] })
})

t.test('a notice is given up after its last try, and after a day', async (t) => {
  const rows: [string, Partial<NoticeDocument>, boolean][] = [
    ['the eighth try', { tries: 7 }, true],
    ['the seventh', { tries: 6 }, false],
    ['a day', { since: later(-day) }, true],
    ['a little less', { since: later(-day + 1) }, false]
  ]
  for (const [what, more, isOver] of rows) {
    const [after] = decide(failed, { notice: { ...notice, ...more } }).notices ?? []
    t.equal(after?.dead, isOver ? now.toISOString() : undefined, what)
  }
})

t.test('a receiver that wants nothing more gets nothing more, at this URL', async (t) => {
  t.same(decide({ delivered: false, reason: 'answered 410', gone: true }, { receiver: { ...receiver, failing } }), {
    receivers: [{ ...receiver, gone: { at: now.toISOString(), url: 'hash' } }],
    notices: [{ ...notice, tries: 1, failure: 'answered 410', dead: now.toISOString() }]
  })
})
