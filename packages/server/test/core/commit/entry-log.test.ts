import t from 'tap'
import { budgets } from '../../../src/core/base/budgets.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { EntryLog } from '../../../src/core/commit/enrolments.ts'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'

const now = new Date('2026-01-01T00:00:00Z')
const enrolment = { id: 'e', name: 'worker-1' }

/** The lines that were logged since. */
const opened = () => {
  let lines: string[] = []
  const log = new EntryLog(makeLog({ write: (line) => void lines.push(line) }), () => now.getTime())
  const logged = () => {
    const seen = lines.map((line) => JSON.parse(line) as { level: number; event: string; msg: string })
    lines = []
    return seen
  }
  return { log, logged }
}

t.test('entries that an agent causes are logged up to a bound, alerts and other entries always', async (t) => {
  const { log, logged } = opened()
  const { burst } = budgets.log.lines
  for (let time = 0; time < 3 * burst; time += 1) log.write(enrolment, entry(now, 'agent', 'evidence-changed', 'a'))
  t.equal(logged().length, burst)
  log.write(enrolment, entry(now, 'agent', 'conflict', 'a', true))
  log.write(enrolment, entry(now, 'operator', 'approve', ''))
  log.write({ id: 'other', name: 'worker-2' }, entry(now, 'agent', 'evidence-changed', 'a'))
  t.match(logged(), [{ level: 40 }, { event: 'approve' }, { event: 'evidence-changed' }])
})

t.test('a line of the log has at most its longest length', async (t) => {
  const { log, logged } = opened()
  for (const length of [budgets.log.detail, budgets.log.detail + 1]) {
    log.write(enrolment, entry(now, 'agent', 'progress', 'a'.repeat(length)))
  }
  t.same(
    logged().map(({ msg }) => msg),
    ['a'.repeat(budgets.log.detail), `${'a'.repeat(budgets.log.detail)}...`]
  )
})
