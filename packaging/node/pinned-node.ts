import { createHash } from 'node:crypto'
import type { Architecture } from '../architecture.ts'
import binaries from './node-binaries.json' with { type: 'json' }

/**
 * Throws where these are not the bytes of bin/node that packaging/node/node-binaries.json has for the processor: before they are
 * stripped, which nobody could compare with anything.
 */
export const checkPinnedNode = (bytes: Uint8Array, { debian }: Pick<Architecture, 'debian'>, path: string): void => {
  const found = createHash('sha256').update(bytes).digest('hex')
  const pinned = binaries.sha256[debian]
  if (found === pinned) return
  throw new Error(
    `${path} has the SHA-256 ${found}, and packaging/node/node-binaries.json has ${pinned} for ${debian}: ` +
      `it is not the Node ${binaries.release} that was compared, and no package is made of it`
  )
}
