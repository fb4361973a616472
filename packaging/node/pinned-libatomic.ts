import { createHash } from 'node:crypto'
import type { Architecture } from '../architecture.ts'
import pins from './libatomic.json' with { type: 'json' }

/**
 * The package of Debian that these bytes of libatomic.so.1 are of, with its version, as packaging/node/libatomic.json pins them.
 * Throws where they are of none: a runtime that runs as root is made of no file that nobody has looked at.
 */
export const pinnedLibatomic = (bytes: Uint8Array, { debian }: Pick<Architecture, 'debian'>, path: string): string => {
  const found = createHash('sha256').update(bytes).digest('hex')
  const ofProcessor = Object.entries(pins[debian])
  const pinned = ofProcessor.find(([, sha256]) => sha256 === found)
  if (pinned !== undefined) return pinned[0]
  throw new Error(
    `${path} has the SHA-256 ${found}, which packaging/node/libatomic.json has not for ${debian}: ` +
      `install ${ofProcessor.map(([name]) => name).join(' or ')}, or pin the one that Debian has now`
  )
}
