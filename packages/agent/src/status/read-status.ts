import { ConfigError } from '@joinery/host/config-file'
import { exec } from '@joinery/host/exec'
import { type Files, filesUnder } from '@joinery/host/files'
import type { AgentStatus } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { Value } from 'typebox/value'
import { machineIds } from '../host/machine-ids.ts'
import { unitProperties } from '../host/unit.ts'
import { JournalFile } from '../journal/journal.ts'
import { RecoveryFile } from '../journal/recovery-record.ts'
import { keptIdentity } from '../keys/identity.ts'
import { changesMade } from '../machine/mend/change-journal.ts'
import { systemClock } from '../program/clock.ts'
import { loadConfig } from '../program/config.ts'
import { AgentReport } from './agent-report.ts'
import { agentStatus, type Seen } from './agent-status.ts'
import { reportFile } from './keep-report.ts'
import { processStart } from './process-start.ts'
import { readRecoveryReport } from './recovery/report.ts'

export interface StatusPaths {
  configFile: string
  stateDirectory: string
  runDirectory: string
}

/** The status of this machine's agent now. Rejects with EACCES if this user may not read it. */
export const readStatus = async ({ configFile, stateDirectory, runDirectory }: StatusPaths): Promise<AgentStatus> => {
  const files = filesUnder('/')
  const said = await readReport(files, runDirectory)
  const ids = await machineIds(files)
  return agentStatus({
    said,
    config: (await files.exists(configFile)) ? await readConfig(configFile) : undefined,
    // it starts a process: not while the agent itself says how it is
    unit: said?.alive ? {} : await readUnit(),
    journal: await new JournalFile(files, stateDirectory).read(),
    ...given({ recovery: await readRecoveryReport(files, runDirectory) }),
    comesBack: (await new RecoveryFile(files, stateDirectory).read()).asked === true,
    key: (await keptIdentity(files, stateDirectory, ids))?.fingerprint,
    changes: await changesMade(files),
    now: systemClock.monotonic()
  })
}

const readConfig = async (file: string): Promise<Seen['config']> => {
  try {
    return { server: (await loadConfig(file)).server }
  } catch (error) {
    if (error instanceof ConfigError) return { problem: error.message }
    throw error
  }
}

const readUnit = (): Promise<Seen['unit']> =>
  unitProperties(exec, 'joinery-agent.service', ['ActiveState', 'SubState', 'Job']).catch(() => ({}))

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
