import { checksText } from '@joinery/host/text/checks'
import { toJson } from '@joinery/host/text/json'
import { type Cell, table } from '@joinery/host/text/table'
import type { MachineChange, PreflightReport } from '@joinery/protocol'
import type { Terminal } from '../program/terminal.ts'
import { valueText } from '../program/value-text.ts'

export const printReport = (
  report: PreflightReport,
  output: 'table' | 'json',
  configured: boolean,
  terminal: Terminal
): void => {
  if (output === 'json') {
    terminal.out(toJson(report))
    return
  }
  terminal.out(describeReport(report, terminal.colour))
  terminal.err(`Next: ${nextCommand(report, configured)}\n`)
}

/** The report for a person: what was changed, and the checks. */
export const describeReport = ({ checks, changes }: PreflightReport, colour: boolean): string =>
  [...(changes === undefined ? [] : [changesText(changes, colour), '\n']), checksText(checks, colour)].join('')

const changesText = (changes: readonly MachineChange[], colour: boolean): string =>
  changes.length === 0
    ? 'Nothing to mend.\n'
    : table([['CHANGED', 'OLD', 'NEW', 'FOR'], ...changes.map(changeRow)], colour)

const changeRow = ({ check, what, before = '', after = '' }: MachineChange): Cell[] => [
  what,
  valueText(before),
  valueText(after),
  check
]

/** The command that a person would type next. `configured`: the agent knows its pairing server. */
export const nextCommand = ({ checks, result, changes }: PreflightReport, configured: boolean): string => {
  if (result !== 'fail') return configured ? 'systemctl enable --now joinery-agent' : 'joinery-agent enrol --help'
  const failing = checks.filter(({ verdict }) => verdict === 'fail')
  // what the agent could not mend now it will not mend if asked again
  const mendable = changes === undefined ? failing.filter(({ mends }) => mends !== undefined) : []
  if (mendable.some(({ mends }) => mends === 'safe')) return 'joinery-agent preflight --fix'
  if (mendable.length > 0) return `joinery-agent preflight --fix=${mendable.map(({ name }) => name).join(',')}`
  return 'joinery-agent preflight, after the remedies above'
}
