import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { Refused } from '../pairing/pairing-server.ts'

export interface VersionReport {
  files: Pick<Files, 'read' | 'write'>
  stateDirectory: string
  /** Version of this agent. */
  version: string
  /** Makes a call to the pairing server: each says the version of its agent. */
  call: () => Promise<unknown>
}

/**
 * Tells the pairing server the version of this agent, once for each version that the package manager brings: nothing else calls the
 * server from a machine that has joined. A server that refuses the machine is not asked again. Throws if no server answers.
 */
export const reportVersion = async ({ files, stateDirectory, version, call }: VersionReport): Promise<void> => {
  const told = join(stateDirectory, 'told-version')
  if ((await files.read(told)) === `${version}\n`) return
  await call().catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
  })
  await files.write(told, `${version}\n`, 0o600)
}
