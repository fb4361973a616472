import t from 'tap'
import type { NoticeDocument } from '../../../src/core/ports/store/notice-queue.ts'
import { decideQueue, type NewNotice, type QueueState } from '../../../src/features/notices/decide-queue.ts'

const now = new Date('2026-01-01T00:00:10Z')
const state: QueueState = { receiver: 'relay', waiting: {}, open: {}, most: 3, now }
const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`
const news = (count: number, kind: NewNotice['kind'] = 'pending', from = 0): NewNotice[] =>
  Array.from({ length: count }, (_, index) => {
    const number = from + index
    return { id: `${kind}-${number}`, kind, body: `{"number":${number}}`, at: at(number) }
  })
const dataOf = ({ body }: NoticeDocument) => JSON.parse(body).data

t.test('an event becomes a notice that is due now', async (t) => {
  t.same(decideQueue(news(1), state), [
    {
      receiver: 'relay',
      id: 'pending-0',
      revision: 0,
      kind: 'pending',
      body: '{"number":0}',
      since: now.toISOString(),
      due: now.toISOString(),
      tries: 0
    }
  ])
  t.same(decideQueue([], state), [])
})

t.test('if too many of a kind wait, one notice stands for the others, and no other kind suffers', async (t) => {
  const notices = decideQueue([...news(6), ...news(1, 'alert')], { ...state, waiting: { pending: 1 } })
  t.same(
    notices.map(({ id, count }) => count ?? id),
    ['pending-0', 'pending-1', 'alert-0', 4]
  )
  const [last] = notices.slice(-1)
  t.match(last, { kind: 'pending', revision: 0, tries: 0 })
  t.same(last && dataOf(last), {
    type: 'enrolment.pending',
    count: 4,
    from: at(2),
    until: at(5),
    next: 'joinery list --state pending'
  })
})

t.test('a notice that stands for several takes up more, under the same id, until it is tried', async (t) => {
  const full = { ...state, waiting: { pending: 3 } }
  const [open] = decideQueue(news(2), full) as [NoticeDocument]
  const [more, ...none] = decideQueue(news(3, 'pending', 2), {
    ...full,
    waiting: { pending: 4 },
    open: { pending: { ...open, revision: 1 } }
  }) as [NoticeDocument]
  t.same(none, [])
  t.match(more, { id: open.id, revision: 1, count: 5, since: open.since })
  t.match(dataOf(more), { count: 5, from: at(0), until: at(4) })
  const [other] = decideQueue(news(1, 'pending', 5), { ...full, waiting: { pending: 4 } }) as [NoticeDocument]
  t.not(other.id, open.id, 'once it was tried, another one begins')
})

t.test('the same events make the same ids, whoever reads them', async (t) => {
  const full = { ...state, waiting: { pending: 3 } }
  t.same(decideQueue(news(2), full), decideQueue(news(2), full))
})
