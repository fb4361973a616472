import { type Hash, nodeHash, rootOfHashes, splitOf } from '../src/hash.ts'

// proofs by the definitions of RFC 6962, section 2.1, over a list of all hashes: slow, and nothing to get wrong

/** Makes a tree of hashes of leaves, which remembers what it hashed. */
export const slowTree = (hashes: readonly Hash[]) => {
  const known = new Map<string, Hash>()

  const rootOf = (low: number, high: number): Hash => {
    if (high - low < 2) return rootOfHashes(hashes.slice(low, high))
    const name = `${low} ${high}`
    const middle = low + splitOf(high - low)
    const root = known.get(name) ?? nodeHash(rootOf(low, middle), rootOf(middle, high))
    known.set(name, root)
    return root
  }

  const inclusion = (index: number, low: number, high: number): Hash[] => {
    if (high - low === 1) return []
    const middle = low + splitOf(high - low)
    if (index < middle) return [...inclusion(index, low, middle), rootOf(middle, high)]
    return [...inclusion(index, middle, high), rootOf(low, middle)]
  }

  const consistency = (first: number, low: number, high: number, whole: boolean): Hash[] => {
    if (first === high) return whole ? [] : [rootOf(low, high)]
    const middle = low + splitOf(high - low)
    if (first <= middle) return [...consistency(first, low, middle, whole), rootOf(middle, high)]
    return [...consistency(first, middle, high, false), rootOf(low, middle)]
  }

  return {
    root: (size: number): Hash => rootOf(0, size),
    inclusion: (index: number, size: number): Hash[] => inclusion(index, 0, size),
    consistency: (first: number, second: number): Hash[] => consistency(first, 0, second, true)
  }
}
