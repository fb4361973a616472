import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DurableWrite, writeDurably } from '@joinery/host/write-durably'
import { withHostOf } from '../base/addresses.ts'
import { ownerFor } from '../base/files.ts'
import { makeLeaf } from './certificates.ts'
import { readAuthority } from './ensure-authority.ts'
import { makeKey, readKeyPair } from './keys.ts'
import { certificateIn, type LeafFiles, leafAddresses, leafFlaw, ofAnotherKey } from './leaf.ts'
import { readPlainFile } from './plain-file.ts'

export interface LeafChoice {
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

type Place = NonNullable<DurableWrite['place']>

/**
 * A leaf is made again if another run of root's wrote at the same time. Each run places one key, so that a few runs come to rest before
 * this many tries: more is no accident.
 */
const mostTries = 16

/**
 * Makes the certificate of the agents' listener, unless the one that is there is good. It names the `wanted` addresses;
 * without any, those that it names already, or those of the `machine`. Returns the addresses that it names. Each run places a new key,
 * then makes a leaf for the key that lies there, and ends with a look. So several at the same time leave a leaf that fits its key. Throws
 * `StartRefusal` if it needs the key of the CA, and there is none. `place` gives a whole draft its name.
 */
export const ensureLeaf = async (
  folder: string,
  choice: LeafChoice,
  now: Date,
  print: (line: string) => void,
  place: Place = rename
): Promise<readonly string[]> => {
  const file = join(folder, 'tls.crt')
  let done: string | undefined
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { files, authority } = await lookAt(folder)
    const addresses = addressesOf(files, choice)
    const flaw = authority === undefined ? 'there is no CA' : leafFlaw(files, authority, addresses, now)
    if (flaw === undefined) {
      if (done !== undefined) await removeDrafts(folder)
      print(`${file} ${done ?? 'unchanged'}`)
      return addresses
    }
    // another run has placed its key since: two that would each place one again could do so for ever
    const key = tries > 0 && flaw === ofAnotherKey ? files.key : undefined
    const made = await makeLeafFiles(folder, key, addresses, now)
    if (await placeLeafFiles(folder, made, place)) {
      done ??= files.certificate === undefined ? 'created' : `made again: ${flaw}`
    }
  }
  throw new Error(`${file} is changed by others again and again`)
}

const lookAt = async (folder: string): Promise<{ files: LeafFiles; authority: string | undefined }> => {
  const [key, certificate, authority] = await Promise.all(
    ['tls.key', 'tls.crt', 'ca.crt'].map((name) => readPlainFile(join(folder, name)))
  )
  return { files: { key, certificate }, authority }
}

const addressesOf = ({ certificate }: LeafFiles, { wanted, machine, published }: LeafChoice): readonly string[] => {
  const leaf = certificateIn(certificate)
  const own = wanted.length > 0 ? wanted : leaf === undefined ? machine : leafAddresses(leaf)
  const addresses = published === undefined ? own : withHostOf(own, published)
  if (addresses.length === 0) throw new Error('this machine has no address but loopback: give one with --address')
  return addresses
}

/** Makes a leaf for the `key` that lies there, or with a new key: gives the files that are to be placed, in their order. */
const makeLeafFiles = async (
  folder: string,
  key: string | undefined,
  addresses: readonly string[],
  now: Date
): Promise<readonly [name: string, content: string][]> => {
  const fresh = key ?? makeKey()
  const leaf = await makeLeaf(await readAuthority(folder), readKeyPair(fresh), addresses, now)
  const files: [string, string][] = [['tls.crt', leaf]]
  return key === undefined ? [['tls.key', fresh], ...files] : files
}

/** Places the files one by one. False if another run took a draft away, as it does when it is done. */
const placeLeafFiles = async (
  folder: string,
  files: readonly [name: string, content: string][],
  place: Place
): Promise<boolean> => {
  const [owner, run] = [await ownerFor(folder), randomUUID()]
  try {
    for (const [name, content] of files) {
      await writeDurably(join(folder, name), content, { owner, draft: join(folder, `.${name}.${run}.new`), place })
    }
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** Removes the drafts of runs that were cut. */
const removeDrafts = async (folder: string): Promise<void> => {
  const drafts = (await readdir(folder)).filter((name) => /^\.tls\.(key|crt)\..*\.new$/.test(name))
  for (const name of drafts) await rm(join(folder, name), { force: true })
}
