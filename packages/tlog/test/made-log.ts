import { generateKeyPairSync } from 'node:crypto'
import {
  appendLeaves,
  emptyTree,
  type Finding,
  LogProblem,
  rootOfTree,
  signCheckpoint,
  type Tree,
  verifierKey
} from '../src/index.ts'

export const origin = 'joinery.dev/test/log'

/** One key for all logs of a process. */
export const { privateKey } = generateKeyPairSync('ed25519')
export const key = verifierKey(origin, privateKey)

/** Leaf of a log that a test makes. */
export const leafAt = (index: number): Uint8Array => Buffer.from(`leaf ${index}`)

export const leavesUpTo = (count: number): Uint8Array[] => Array.from({ length: count }, (_, index) => leafAt(index))

/** A log in memory. */
export class MadeLog {
  readonly files = new Map<string, Uint8Array>()
  tree: Tree = emptyTree

  append(leaves: readonly Uint8Array[]): this {
    const { tree, writes } = appendLeaves(this.tree, leaves)
    for (const { path, bytes } of writes) this.files.set(path, bytes)
    this.tree = tree
    return this
  }

  get head() {
    return { size: this.tree.size, root: rootOfTree(this.tree) }
  }

  /** Signed checkpoint of the log as it is now. */
  get checkpoint(): string {
    return signCheckpoint(privateKey, { origin, ...this.head, extensions: [] })
  }

  readonly read = async (path: string): Promise<Uint8Array | undefined> => this.files.get(path)

  copy(): MadeLog {
    const copy = new MadeLog()
    copy.tree = this.tree
    for (const [path, bytes] of this.files) copy.files.set(path, bytes)
    return copy
  }

  /** Replaces a file by what `change` makes of a copy of its bytes. */
  change(path: string, change: (bytes: Buffer) => Uint8Array): this {
    const bytes = this.files.get(path)
    if (bytes === undefined) throw new Error(`there is no ${path}`)
    this.files.set(path, change(Buffer.from(bytes)))
    return this
  }

  remove(path: string): this {
    if (!this.files.delete(path)) throw new Error(`there is no ${path}`)
    return this
  }
}

export const makeLog = (size: number): MadeLog =>
  size < most ? new MadeLog().append(leavesUpTo(size)) : longest().copy().append(leavesUpTo(size).slice(most))

/** Leaves of the log with the longest right edge below a third level. It is made once, and longer ones from it. */
const most = 65_535
let made: MadeLog | undefined
const longest = (): MadeLog => {
  made ??= new MadeLog().append(leavesUpTo(most))
  return made
}

/** The bytes with one bit changed. */
export const flipped = (bytes: Uint8Array, bit: number): Buffer => {
  const changed = Buffer.from(bytes)
  const at = Math.floor(bit / 8)
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8))
  return changed
}

/** Numbers below `end` that follow from a seed: a test that fails fails again. */
export const numbersFrom = (seed: number): ((end: number) => number) => {
  let state = seed
  return (end) => {
    // Numerical Recipes, chapter 7: the upper bits are good enough to choose places with
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
}

/** The code of the problem that a function throws. Undefined if it throws none. */
export const codeOf = async (work: () => unknown): Promise<string | undefined> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof LogProblem) return error.code
    throw error
  }
}

/** Findings as a table has them: code, and the leaves or the kept checkpoint that it is about. */
export const briefly = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, leaves, known }) =>
    [code, known, leaves && (leaves.first === leaves.last ? leaves.first : `${leaves.first}-${leaves.last}`)]
      .filter((word) => word !== undefined)
      .join(' ')
  )

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
