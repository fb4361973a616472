import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { escapeText, problems } from '@joinery/protocol'
import { isPassedOver } from '../loop/backoff.ts'
import { type PairingServer, Refused } from '../pairing/pairing-server.ts'

export interface VersionReport {
  files: Pick<Files, 'read' | 'write'>
  stateDirectory: string
  /** Version of this agent. Each call to the pairing server says it. */
  version: string
  /** Opens the pairing servers of this machine: only for a version that was not told yet. */
  servers: () => Promise<Pick<PairingServer, 'wait'>>
  /** Prints a line for people. */
  tell: (line: string) => void
}

/**
 * Tells the pairing server the version of this agent, once for each version that the package manager brings: nothing else calls the
 * server from a machine that has joined. A server that refuses the machine is not asked again. If no server takes it, a line says so,
 * and the next look tells it.
 */
export const reportVersion = async (report: VersionReport): Promise<void> => {
  const { files, stateDirectory, version, servers, tell } = report
  const told = join(stateDirectory, 'told-version')
  try {
    if ((await files.read(told)) === `${version}\n`) return
    await call(await servers())
    await files.write(told, `${version}\n`, 0o600)
  } catch (error) {
    tell(`the pairing server was not told the version of this agent: ${escapeText((error as Error).message)}\n`)
  }
}

/** Milliseconds for the report. */
const patience = 60_000

/** Calls the server that is active. Throws if none answers, or if it wants to be asked later. */
const call = async (server: Pick<PairingServer, 'wait'>): Promise<void> => {
  const signal = AbortSignal.timeout(patience)
  for (;;) {
    try {
      await server.wait(0, 0, signal)
      return
    } catch (error) {
      if (error instanceof Refused && problems[error.code].retry !== 'later') return
      if (!isPassedOver(error)) throw error
    }
  }
}
