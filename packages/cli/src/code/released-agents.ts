import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '@joinery/protocol'
import type { InstallableCode } from './cloud-init.ts'

/**
 * SHA-256, in hex, of the agent's packages and archives of the release that the command is of. A package of joinery has them beside the
 * program, as sha256sum writes them; a checkout has none.
 */
const readReleasedAgents = (folder: string = import.meta.dirname): ReadonlySet<string> => {
  try {
    return new Set(readFileSync(join(folder, 'agents.sha256'), 'utf8').match(/^[0-9a-f]{64}/gm))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set()
    throw error
  }
}

/**
 * The code with one warning more if the agent that its user-data installs is none of this release. None if the release is not known.
 * `folder`: has the sums of the release; if absent, that of the program.
 */
export const warnedOfAgent = (newCode: InstallableCode, folder?: string): InstallableCode => {
  const { sha256 } = newCode.install.package
  const released = readReleasedAgents(folder)
  if (released.size === 0 || released.has(sha256)) return newCode
  const warning = `the agent package of the pairing server, with SHA-256 ${sha256}, is none of release ${version}, which this joinery is of: compare it with SHA256SUMS of the server's release`
  return { ...newCode, warnings: [...(newCode.warnings ?? []), warning] }
}
