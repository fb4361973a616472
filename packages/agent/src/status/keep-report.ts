import type { Files } from '@joinery/host/files'
import type { AgentReport } from './agent-report.ts'

/** On tmpfs: what runs now is not true after a reboot. */
export const reportFile = (runDirectory: string): string => `${runDirectory}/status.json`

/** Gives `keep(report)`, which replaces the file whole. */
export const reportKeeper =
  (files: Pick<Files, 'write'>, runDirectory: string) =>
  (report: AgentReport): Promise<void> =>
    files.write(reportFile(runDirectory), `${JSON.stringify(report)}\n`, 0o600)
