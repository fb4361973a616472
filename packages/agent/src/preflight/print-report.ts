import type { PreflightReport } from '@joinery/protocol'
import { toJson } from '@joinery/protocol/text/json.ts'
import type { Terminal } from '../terminal.ts'
import { describeReport } from './describe-report.ts'
import { nextCommand } from './next-command.ts'

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
