import { toJson } from '@joinery/host/text/json'
import type { PreflightReport } from '@joinery/protocol'
import type { Terminal } from '../program/terminal.ts'
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
