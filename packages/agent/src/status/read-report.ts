import type { Files } from '@joinery/host/files'
import { Value } from 'typebox/value'
import { AgentReport } from './agent-report.ts'
import { reportFile } from './keep-report.ts'
import { processStart } from './process-start.ts'

/**
 * The agent's last report since the machine booted, and whether its process still runs. Undefined if there is no
 * report, or if it is not in the words of this version.
 */
export const readReport = async (
  files: Pick<Files, 'read'>,
  runDirectory: string
): Promise<{ report: AgentReport; alive: boolean } | undefined> => {
  const report = parse((await files.read(reportFile(runDirectory))) ?? '')
  if (!Value.Check(AgentReport, report)) return undefined
  const { pid, started } = report.process
  return { report, alive: (await processStart(files, pid)) === started }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
