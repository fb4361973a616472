import { type Checkpoint, type Head, openCheckpoint } from './checkpoint.ts'
import { type Edge, rootOfEdge } from './edge.ts'
import { areSameHashes, type Hash, isSameHash, leafHash, rootOfHashes } from './hash.ts'
import { readVerifierKey, type Verifier } from './key.ts'
import { type Finding, LogProblem } from './problem.ts'
import { rootAt } from './proof.ts'
import { aboutTile, type Log, logWith, type ReadTile, readHashes, readLeaves, rootDiffers } from './read.ts'
import { edgeIndex, levelsOf, tileWidth, widthOf } from './tile.ts'

export interface LogToVerify {
  read: ReadTile
  /** Text of the verifier key of the log. */
  key: string
  /** Signed checkpoint that lies with the log. */
  checkpoint: string | Uint8Array
  /** Signed checkpoints that were kept elsewhere. Only with them can a tail that was cut or rewritten be seen. */
  known?: readonly Kept[]
}

/** A signed checkpoint that somebody kept outside of the log. */
export interface Kept {
  /** Name for people, such as that of its file. */
  name: string
  note: string | Uint8Array
}

export interface Verification {
  /** Absent if the checkpoint of the log cannot be trusted. */
  checkpoint?: Checkpoint
  /** Number of leaves that were compared with the checkpoint, and are what it signs. */
  leaves: number
  /** Everything that is wrong, up to a hundred things: what comes after these is not compared. Empty if the log is whole. */
  findings: readonly Finding[]
}

/**
 * Compares every leaf and tile of a log with its signed checkpoint, and that with checkpoints that were kept elsewhere. Files that
 * this checkpoint does not need are not read. Throws `key-malformed`, and the errors of `read`. Everything else is a finding.
 */
export const verifyLog = async ({ read, key, checkpoint: note, known = [] }: LogToVerify): Promise<Verification> => {
  const verifier = readVerifierKey(key)
  const findings = new Findings()
  const checkpoint = await findings.of(() => openCheckpoint(note, verifier))
  const kept = await openKept(known, verifier, findings)
  if (checkpoint === undefined) return { leaves: 0, findings: findings.all }
  const { log, trusted } = await openWhole(read, checkpoint, findings)
  const leaves = log === undefined ? 0 : await compareLeaves(log, findings)
  await compareKept(checkpoint, log, kept, findings)
  return { checkpoint, leaves: trusted ? leaves : 0, findings: findings.all }
}

const findingsAtMost = 100

class Findings {
  readonly all: Finding[] = []

  add(finding: Finding): void {
    const same = ({ code, path, known, leaves }: Finding): boolean =>
      code === finding.code &&
      path === finding.path &&
      known === finding.known &&
      leaves?.first === finding.leaves?.first
    if (!this.isFull && !this.all.some(same)) this.all.push(finding)
  }

  get isFull(): boolean {
    return this.all.length >= findingsAtMost
  }

  /** Adds the finding of an error, and gives it. Any other error is thrown again. */
  take(error: unknown, more: Pick<Finding, 'known'> = {}): Finding {
    if (!(error instanceof LogProblem)) throw error
    const finding = { ...error.finding, ...more }
    this.add(finding)
    return finding
  }

  /** Result of some work. Undefined if it threw a problem, which is then a finding. */
  async of<T>(work: () => T | Promise<T>, more: Pick<Finding, 'known'> = {}): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.take(error, more)
    }
  }
}

interface Opened {
  log?: Log
  /** True if the log has the root of the checkpoint. */
  trusted: boolean
}

/**
 * Opens a log even if its right edge is damaged, so that the rest of it can be compared. The edge follows from the files below it.
 * If these do not give the root either, the log is opened as it lies there, and only shows where its files differ.
 */
const openWhole = async (read: ReadTile, head: Head, findings: Findings): Promise<Opened> => {
  const { size, root } = head
  const edge: (readonly Hash[] | undefined)[] = []
  for (let level = 0; level < levelsOf(size); level += 1) {
    const index = edgeIndex(size, level)
    edge.push(widthOf(size, level, index) === 0 ? [] : await findings.of(() => readHashes(read, size, level, index)))
  }
  if (isWhole(edge) && isSameHash(rootOfEdge(edge), root)) return { log: logWith(read, head, edge), trusted: true }
  const rebuilt = await findings.of(() => rebuildEdge(read, size))
  if (rebuilt !== undefined && isSameHash(rootOfEdge(rebuilt), root)) {
    for (const [level, hashes] of edge.entries()) {
      const same = hashes === undefined || areSameHashes(hashes, rebuilt[level] ?? [])
      if (!same) findings.add(aboutTile('tile-changed', size, level, edgeIndex(size, level)))
    }
    return { log: logWith(read, head, rebuilt), trusted: true }
  }
  findings.add(rootDiffers(size).finding)
  const own = isWhole(edge) ? edge : rebuilt
  if (own === undefined) return { trusted: false }
  return { log: logWith(read, { size, root: rootOfEdge(own) }, own), trusted: false }
}

const isWhole = (edge: readonly (readonly Hash[] | undefined)[]): edge is Edge => !edge.includes(undefined)

/** The right edge by the files below it: leaves for the first level, and full tiles for each level above. */
const rebuildEdge = async (read: ReadTile, size: number): Promise<Hash[][]> => {
  const edge: Hash[][] = []
  for (let level = 0; level < levelsOf(size); level += 1) {
    const index = edgeIndex(size, level)
    const width = widthOf(size, level, index)
    const hashes: Hash[] = []
    if (level === 0 && width > 0) hashes.push(...(await readLeaves(read, size, index)).map(leafHash))
    for (let at = 0; level > 0 && at < width; at += 1) {
      hashes.push(rootOfHashes(await readHashes(read, size, level - 1, index * tileWidth + at)))
    }
    edge.push(hashes)
  }
  return edge
}

/** Compares the leaves of a log, and gives the number of those that are what the log says they are. */
const compareLeaves = async (log: Log, findings: Findings): Promise<number> => {
  let leaves = 0
  let index = 0
  while (index * tileWidth < log.size && !findings.isFull) {
    try {
      leaves += (await log.bundle(index)).length
      index += 1
    } catch (error) {
      // below a tile that is wrong there is nothing to compare with, however many leaves the checkpoint says
      const { leaves: wrong } = findings.take(error)
      index = Math.max(index, Math.floor((wrong?.last ?? 0) / tileWidth)) + 1
    }
  }
  return leaves
}

interface KeptHead extends Head {
  name: string
}

const openKept = async (known: readonly Kept[], verifier: Verifier, findings: Findings): Promise<KeptHead[]> => {
  const heads: KeptHead[] = []
  for (const { name, note } of known) {
    const head = await findings.of(() => openCheckpoint(note, verifier), { known: name })
    if (head !== undefined) heads.push({ name, size: head.size, root: head.root })
  }
  return heads.sort((one, other) => one.size - other.size)
}

/** Compares with what was kept, from the smallest on: each one that fits says up to where the leaves are what they were. */
const compareKept = async (
  checkpoint: Checkpoint,
  log: Log | undefined,
  kept: readonly KeptHead[],
  findings: Findings
): Promise<void> => {
  const { size } = checkpoint
  const signed: KeptHead[] = [{ ...checkpoint, name: 'the checkpoint of the log' }]
  let same = 0
  for (const head of kept) {
    const other = signed.find((one) => one.size === head.size && !isSameHash(one.root, head.root))
    signed.push(head)
    if (other !== undefined) findings.add(fork(head, other))
    if (head.size > size) findings.add(tailCut(head, size))
    if (head.size >= size || log === undefined) continue
    const root = await findings.of(() => rootAt(log, head.size))
    if (root === undefined) continue
    if (isSameHash(root, head.root)) same = head.size
    else findings.add(rewritten(head, same))
  }
}

const fork = ({ name, size }: KeptHead, other: KeptHead): Finding => ({
  code: 'fork',
  detail: `${name} and ${other.name} are both signed for ${size} leaves, with different roots: the key signed two logs`,
  known: name
})

const tailCut = ({ name, size }: KeptHead, left: number): Finding => ({
  code: 'tail-cut',
  detail: `${name} was signed for ${size} leaves, and the log has ${left}: leaves ${left} to ${size - 1} are gone`,
  leaves: { first: left, last: size - 1 },
  known: name
})

const rewritten = ({ name, size }: KeptHead, same: number): Finding => ({
  code: 'rewritten',
  detail: `${name} was signed for ${size} leaves, and these are others: the first that differs is one of ${same} to ${size - 1}`,
  leaves: { first: same, last: size - 1 },
  known: name
})
