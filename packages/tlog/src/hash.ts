import { createHash } from 'node:crypto'

/** SHA-256 hash, 32 bytes. */
export type Hash = Uint8Array

export const hashSize = 32

// one byte before what is hashed, so that no leaf can pass for a node (RFC 9162, section 2.1.1)
const [leafMark, nodeMark] = [Uint8Array.of(0), Uint8Array.of(1)]

/** Root of a tree without leaves. */
export const emptyRoot: Hash = createHash('sha256').digest()

export const leafHash = (leaf: Uint8Array): Hash => createHash('sha256').update(leafMark).update(leaf).digest()

export const nodeHash = (left: Hash, right: Hash): Hash =>
  createHash('sha256').update(nodeMark).update(left).update(right).digest()

export const isSameHash = (one: Hash, other: Hash): boolean => Buffer.compare(one, other) === 0

export const areSameHashes = (some: readonly Hash[], others: readonly Hash[]): boolean =>
  Buffer.compare(Buffer.concat(some), Buffer.concat(others)) === 0

/** Largest power of two that is less than `count`, which is 2 or more: the place where a tree of `count` leaves splits. */
export const splitOf = (count: number): number => {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

/** Root over a list of hashes, as RFC 9162 defines it: it hashes everything. */
export const rootOfHashes = (hashes: readonly Hash[]): Hash => {
  const [first] = hashes
  if (first === undefined) return emptyRoot
  if (hashes.length === 1) return first
  const split = splitOf(hashes.length)
  return nodeHash(rootOfHashes(hashes.slice(0, split)), rootOfHashes(hashes.slice(split)))
}
