import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '@joinery/protocol'

/**
 * SHA-256, in hex, of the agent's packages and archives of the release that the command is of. A package of joinery has them beside the
 * program, as sha256sum writes them; a checkout has none.
 */
export const readReleasedAgents = (folder: string = import.meta.dirname): ReadonlySet<string> => {
  try {
    return new Set(readFileSync(join(folder, 'agents.sha256'), 'utf8').match(/^[0-9a-f]{64}/gm))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set()
    throw error
  }
}

/** A warning if the agent that a server hands out, by its SHA-256, is none of this release. None if the release is not known. */
export const foreignAgent = (sha256: string, released: ReadonlySet<string>): string[] =>
  released.size === 0 || released.has(sha256)
    ? []
    : [
        `the agent package of the pairing server, with SHA-256 ${sha256}, is none of release ${version}, which this joinery is of: compare it with SHA256SUMS of the server's release`
      ]
