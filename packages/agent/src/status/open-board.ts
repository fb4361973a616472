import type { Files } from '@joinery/host/files'
import { machineIds } from '../host/machine-ids.ts'
import { loadIdentity } from '../keys/identity.ts'
import type { Clock } from '../program/clock.ts'
import type { Logger } from '../program/log.ts'
import { consolePrinter } from './console.ts'
import { reportKeeper } from './keep-report.ts'
import { processStart } from './process-start.ts'
import type { Show } from './show.ts'
import { statusBoard } from './status-board.ts'

export interface OpenBoard {
  server: string
  files: Files
  clock: Clock
  log: Logger
  stateDirectory: string
  runDirectory: string
}

/**
 * Makes the status board of this process: a file for `joinery-agent status`, the journal, and the machine's console.
 */
export const openBoard = async (options: OpenBoard): Promise<Show> => {
  const { server, files, clock, log, stateDirectory, runDirectory } = options
  const { pid } = process
  const print = consolePrinter()
  return statusBoard({
    server,
    process: { pid, started: (await processStart(files, pid)) ?? '' },
    now: () => clock.monotonic(),
    key: async () => (await loadIdentity(files, stateDirectory, await machineIds(files))).fingerprint,
    keep: reportKeeper(files, runDirectory),
    announce: (line) => {
      log.info(line)
      void print(line)
    }
  })
}
