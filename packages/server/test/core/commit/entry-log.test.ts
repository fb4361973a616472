import type { TimelineEntry } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { budgets } from '../../../src/core/base/budgets.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { EntryLog } from '../../../src/core/commit/entry-log.ts'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-01T00:00:00Z')
const enrolment = anEnrolment('e', { name: 'worker-1' })

/** The lines that were logged since. */
const opened = () => {
  let lines: string[] = []
  const entries = new EntryLog(makeLog({ write: (line) => void lines.push(line) }), () => now.getTime())
  const logged = () => {
    const seen = lines.map((line) => JSON.parse(line) as { level: number; event: string; msg: string })
    lines = []
    return seen
  }
  /** Commits the entry with its enrolment. */
  const write = (one: EnrolmentDocument, entry: TimelineEntry): void =>
    entries.take({ place: 1, change: { enrolments: [one], entries: [{ subject: one.id, entry }] } })
  return { write, logged }
}

t.test('entries that an agent causes are logged up to a bound, alerts and other entries always', async (t) => {
  const { write, logged } = opened()
  const { burst } = budgets.log.lines
  for (let time = 0; time < 3 * burst; time += 1) write(enrolment, entry(now, 'agent', 'evidence-changed', 'a'))
  t.equal(logged().length, burst)
  write(enrolment, entry(now, 'agent', 'conflict', 'a', true))
  write(enrolment, entry(now, 'operator', 'approve', ''))
  write(anEnrolment('other', { name: 'worker-2' }), entry(now, 'agent', 'evidence-changed', 'a'))
  t.match(logged(), [{ level: 40 }, { event: 'approve' }, { event: 'evidence-changed' }])
})

t.test('a line of the log has at most its longest length', async (t) => {
  const { write, logged } = opened()
  for (const length of [budgets.log.detail, budgets.log.detail + 1]) {
    write(enrolment, entry(now, 'agent', 'progress', 'a'.repeat(length)))
  }
  t.same(
    logged().map(({ msg }) => msg),
    ['a'.repeat(budgets.log.detail), `${'a'.repeat(budgets.log.detail)}...`]
  )
})
