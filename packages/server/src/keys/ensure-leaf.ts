import { join } from 'node:path'
import { readIfThere, writeDurably } from '../base/files.ts'
import { withHostOf } from './addresses.ts'
import { type Authority, makeLeaf } from './certificates.ts'
import { makeKey, readKeyPair } from './keys.ts'
import { leafAddresses, leafFlaw } from './leaf.ts'

export interface LeafAddresses {
  /** Addresses that the leaf must name. If empty, the leaf keeps those that it has. */
  wanted: readonly string[]
  /** Addresses of this machine, for the first leaf. */
  machine: readonly string[]
  /**
   * URL to which the configuration sends machines. The leaf always names its host. Undefined if there is no
   * configuration.
   */
  published: string | undefined
}

/**
 * Makes the certificate of the agents' listener, unless the one that is there is good. It names the `wanted` addresses;
 * without any, those that it names already, or those of the `machine`. Returns the addresses that it names.
 */
export const ensureLeaf = async (
  folder: string,
  authority: Authority,
  { wanted, machine, published }: LeafAddresses,
  now: Date,
  print: (line: string) => void
): Promise<readonly string[]> => {
  const keyFile = join(folder, 'tls.key')
  const certificateFile = join(folder, 'tls.crt')
  const key = (await readIfThere(keyFile))?.toString()
  const leaf = (await readIfThere(certificateFile))?.toString()
  const own = wanted.length > 0 ? wanted : leaf === undefined ? machine : leafAddresses(leaf)
  const addresses = published === undefined ? own : withHostOf(own, published)
  if (addresses.length === 0) throw new Error('this machine has no address but loopback: give one with --address')
  const flaw =
    key === undefined || leaf === undefined
      ? 'missing'
      : leafFlaw(leaf, readKeyPair(key), authority.certificate, addresses, now)
  if (flaw === undefined) {
    print(`${certificateFile} unchanged`)
    return addresses
  }
  const fresh = makeKey()
  const made = await makeLeaf(authority, readKeyPair(fresh), addresses, now)
  await writeDurably(keyFile, fresh)
  await writeDurably(certificateFile, made)
  print(`${certificateFile} ${leaf === undefined ? 'created' : `made again: ${flaw}`}`)
  return addresses
}
