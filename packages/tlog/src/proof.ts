import type { Head } from './checkpoint.ts'
import { emptyRoot, type Hash, isSameHash, nodeHash, splitOf } from './hash.ts'
import { problem } from './problem.ts'
import type { Log } from './read.ts'

/** Hashes that show that a leaf is in a tree: those beside its path, from the leaf up (RFC 9162, section 2.1.3.1). */
export const inclusionProof = async (log: Log, index: number, size: number = log.size): Promise<Hash[]> => {
  requireWithin(size, log.size)
  requireWithin(index + 1, size)
  requireWithin(1, index + 1)
  const path = async (low: number, high: number): Promise<Hash[]> => {
    if (high - low === 1) return []
    const middle = low + splitOf(high - low)
    return index < middle
      ? [...(await path(low, middle)), await log.rootOf(middle, high)]
      : [...(await path(middle, high)), await log.rootOf(low, middle)]
  }
  return path(0, size)
}

/**
 * Hashes that show that the tree of `second` leaves begins with the tree of `first` (RFC 9162, section 2.1.4.1). There are none if
 * both are one tree, and if the first has no leaf.
 */
export const consistencyProof = async (log: Log, first: number, second: number = log.size): Promise<Hash[]> => {
  requireWithin(second, log.size)
  requireWithin(first, second)
  const path = async (low: number, high: number): Promise<Hash[]> => {
    // the old tree as a whole, whose root is known
    if (first === high) return low === 0 ? [] : [await log.rootOf(low, high)]
    const middle = low + splitOf(high - low)
    return first <= middle
      ? [...(await path(low, middle)), await log.rootOf(middle, high)]
      : [...(await path(middle, high)), await log.rootOf(low, middle)]
  }
  return first === 0 ? [] : path(0, second)
}

/** The root of the tree that a log had at this size. */
export const rootAt = async (log: Log, size: number): Promise<Hash> => {
  requireWithin(size, log.size)
  return size === 0 ? emptyRoot : log.rootOf(0, size)
}

export interface Inclusion extends Head {
  /** Hash of the leaf. */
  leaf: Hash
  index: number
  proof: readonly Hash[]
}

/** True if the proof shows that the leaf is in the tree at this index (RFC 9162, section 2.1.3.2). */
export const verifyInclusion = ({ leaf, index, size, root, proof }: Inclusion): boolean => {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  let hash = leaf
  const ended = climb(index, size - 1, proof, (beside, isLeft) => {
    hash = isLeft ? nodeHash(beside, hash) : nodeHash(hash, beside)
  })
  return ended && isSameHash(hash, root)
}

export interface Consistency {
  first: Head
  second: Head
  proof: readonly Hash[]
}

/** True if the proof shows that the second tree begins with the first (RFC 9162, section 2.1.4.2). */
export const verifyConsistency = ({ first, second, proof }: Consistency): boolean => {
  if (!isCount(first.size) || !isCount(second.size) || first.size > second.size) return false
  if (first.size === second.size) return proof.length === 0 && isSameHash(first.root, second.root)
  if (first.size === 0) return proof.length === 0 && isSameHash(first.root, emptyRoot)
  const [start, ...path] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof
  if (start === undefined) return false
  let [at, last] = [first.size - 1, second.size - 1]
  while (isOdd(at)) [at, last] = [half(at), half(last)]
  let [old, young] = [start, start]
  const ended = climb(at, last, path, (beside, isLeft) => {
    if (isLeft) old = nodeHash(beside, old)
    young = isLeft ? nodeHash(beside, young) : nodeHash(young, beside)
  })
  return ended && isSameHash(old, first.root) && isSameHash(young, second.root)
}

/**
 * Goes up from a place of a level whose last place is `last`, and says of each hash of a proof if it lies left of the path. True
 * if the proof ends at the root, and not before or after it.
 */
const climb = (
  place: number,
  lastPlace: number,
  proof: readonly Hash[],
  take: (beside: Hash, isLeft: boolean) => void
): boolean => {
  let [at, last] = [place, lastPlace]
  for (const beside of proof) {
    if (last === 0) return false
    const isLeft = isOdd(at) || at === last
    take(beside, isLeft)
    // a last place without a neighbour goes up as it is
    while (isLeft && !isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0
}

// numbers of a log may have more than 32 bits, so there are no operators on bits here
const isOdd = (count: number): boolean => count % 2 === 1
const half = (count: number): number => Math.floor(count / 2)
const isPowerOfTwo = (count: number): boolean => splitOf(count + 1) === count
const isCount = (count: number): boolean => Number.isSafeInteger(count) && count >= 0

const requireWithin = (count: number, size: number): void => {
  if (!isCount(count) || count > size) throw problem('out-of-range', `${count} is more than the log has: ${size}`)
}
