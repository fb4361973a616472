import type { Check, MachineChange, PreflightReport, Verdict } from '@joinery/protocol'
import { verdictCell } from '@joinery/protocol/text/styles.ts'
import { type Cell, table } from '@joinery/protocol/text/table.ts'

/** The report for a person: what was changed, every check with its remedy, and how many of each verdict there are. */
export const describeReport = ({ checks, changes }: PreflightReport, colour: boolean): string =>
  [
    ...(changes === undefined ? [] : [changesText(changes, colour), '\n']),
    table([['CHECK', 'VERDICT', 'FINDING'], ...checks.flatMap(checkRows)], colour),
    `\n${summaryOf(checks)}\n`
  ].join('')

const changesText = (changes: readonly MachineChange[], colour: boolean): string =>
  changes.length === 0
    ? 'Nothing to mend.\n'
    : table([['CHANGED', 'OLD', 'NEW', 'FOR'], ...changes.map(changeRow)], colour)

const changeRow = ({ check, what, before = '', after = '' }: MachineChange): Cell[] => [what, before, after, check]

const checkRows = ({ name, verdict, finding, why, remedy = [], ignored }: Check): Cell[][] => [
  [name, verdictCell(verdict), ignored ? `${finding} (ignored)` : finding],
  ...remedy.map((command) => ['', '', `remedy: ${command}`]),
  ...(why === undefined ? [] : [['', '', `why: ${why}`]])
]

const words: [Verdict, one: string, more: string][] = [
  ['fail', 'fails', 'fail'],
  ['warn', 'warns', 'warn'],
  ['skipped', 'was skipped', 'were skipped'],
  ['pass', 'passes', 'pass']
]

const summaryOf = (checks: readonly Check[]): string => {
  const counts = words.flatMap(([verdict, one, more]) => {
    const count = checks.filter((check) => check.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`]
  })
  return `${checks.length} checks: ${counts.join(', ')}`
}
