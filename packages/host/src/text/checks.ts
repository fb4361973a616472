import type { Check, Verdict } from '@joinery/protocol'
import { verdictCell } from './styles.ts'
import { type Cell, table } from './table.ts'

type Shown = Pick<Check, 'name' | 'verdict' | 'finding' | 'why' | 'remedy' | 'ignored'>

/** Every check with its remedy and why it matters, and the number of checks with each verdict. */
export const checksText = (checks: readonly Shown[], colour: boolean): string =>
  `${table([['CHECK', 'VERDICT', 'FINDING'], ...checks.flatMap(checkRows)], colour)}\n${summaryOf(checks)}\n`

const checkRows = ({ name, verdict, finding, why, remedy = [], ignored }: Shown): Cell[][] => [
  [name, verdictCell(verdict), ignored ? `${finding} (ignored)` : finding],
  ...remedy.map((command) => ['', '', `remedy: ${command}`]),
  ...(why === undefined ? [] : [['', '', `why: ${why}`]])
]

const words: readonly [Verdict, word: string][] = [
  ['fail', 'failed'],
  ['warn', 'warned'],
  ['skipped', 'skipped'],
  ['pass', 'passed']
]

const summaryOf = (checks: readonly Shown[]): string => {
  const counts = words.flatMap(([verdict, word]) => {
    const count = checks.filter((check) => check.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  return `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}: ${counts.join(', ')}`
}
