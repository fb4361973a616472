import type { Files } from '@joinery/host/files'
import type { AgentReport } from './agent-report.ts'

/** Path of the report. It is on tmpfs: what runs now is not true after a reboot. */
export const reportFile = (runDirectory: string): string => `${runDirectory}/status.json`

/** Makes `keep(report)`, which replaces the whole file. */
export const reportKeeper =
  (files: Pick<Files, 'write'>, runDirectory: string) =>
  (report: AgentReport): Promise<void> =>
    files.write(reportFile(runDirectory), `${JSON.stringify(report)}\n`, 0o600)
