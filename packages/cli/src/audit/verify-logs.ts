import { readLeaf } from '@joinery/protocol'
import { base64Of, type Finding, type Log, LogProblem, openLog, rootAt, type Verifier, verifyLog } from '@joinery/tlog'
import { keyOfLog } from './audit-key.ts'
import { statedOrigin } from './kept-checkpoints.ts'
import type { SourceLog } from './log-source.ts'

/** Something that is wrong with a log: what the log itself shows, or how it hangs together with the others. */
export interface LogFinding extends Omit<Finding, 'code'> {
  code: Finding['code'] | 'other-key' | 'log-missing' | 'link-broken'
}

/** A log after it was verified. */
export interface VerifiedLog {
  name: string
  origin: string
  /** Number of its leaves by its checkpoint. */
  size: number
  findings: LogFinding[]
}

interface Asked {
  logs: readonly SourceLog[]
  key: Verifier
  /** Checkpoints that were kept elsewhere. */
  kept: readonly { name: string; note: string | Uint8Array }[]
  /** True if these are all logs that there should be, so that one that is missing is seen. */
  all: boolean
}

/** Verifies logs with the public key alone: each of them, what was kept of it, and that each names the one before. */
export const verifyLogs = async ({ logs, key, kept, all }: Asked): Promise<VerifiedLog[]> => {
  const verified: VerifiedLog[] = []
  const heads = new Map<string, Log>()
  const links: Link[] = []
  for (const { name, read } of logs) {
    const note = (await read('checkpoint')) ?? new Uint8Array()
    const origin = statedOrigin(note)
    const verifier = keyOfLog(key, origin)
    if (verifier === undefined) {
      const detail = `the checkpoint is of ${origin || 'no log'}, and the key is that of ${key.name}`
      verified.push({ name, origin, size: 0, findings: [{ code: 'other-key', detail }] })
      continue
    }
    const known = kept.filter((one) => statedOrigin(one.note) === origin)
    const { checkpoint, findings } = await verifyLog({ read, key: verifier, checkpoint: note, known })
    verified.push({ name, origin, size: checkpoint?.size ?? 0, findings: [...findings] })
    if (checkpoint === undefined || findings.length > 0) continue
    const log = await openLog(read, checkpoint)
    heads.set(origin, log)
    const named = await namedBefore(log)
    if (named !== undefined) links.push({ name, log, named })
  }
  if (all) for (const link of links) addTo(verified, link.name, await judgeLink(link, heads, verified))
  const origins = new Set(verified.map(({ origin }) => origin))
  const strays = kept.filter(({ note }) => !origins.has(statedOrigin(note)))
  return [...verified, ...strays.map(missing)]
}

/** The log before, as the first leaf of a log names it. */
interface Named {
  origin: string
  size: number
  root: string
}

/** A log, and the one that it names as the one before. */
interface Link {
  name: string
  log: Log
  named: Named
}

const namedBefore = async (log: Log): Promise<Named | undefined> => {
  if (log.size === 0) return undefined
  for await (const { leaf } of log.entries(0, 1)) {
    const { event, fields } = readLeaf(Buffer.from(leaf).toString()) ?? {}
    const { log: origin, size, root } = fields ?? {}
    if (event !== 'log-opened' || typeof origin !== 'string' || typeof size !== 'number') return undefined
    return { origin, size, root: String(root) }
  }
  return undefined
}

const judgeLink = async (
  { log, named: { origin, size, root } }: Link,
  heads: ReadonlyMap<string, Log>,
  verified: readonly VerifiedLog[]
): Promise<LogFinding | undefined> => {
  const before = heads.get(origin)
  if (before === undefined) {
    // what is wrong with a log that is there was said
    if (verified.some((one) => one.origin === origin)) return undefined
    return {
      code: 'log-missing',
      detail: `its first leaf names ${origin} with ${size} leaves, and that log is not here`
    }
  }
  const isBegun = size <= before.size && base64Of(await rootAt(before, size)) === root
  if (isBegun && (await isRepeated(before, size, log))) return undefined
  const detail = `its first leaf names ${origin} with ${size} leaves, and that log has ${before.size}, or others`
  return { code: 'link-broken', detail }
}

/**
 * True if all leaves of a log beyond the named ones come again at the beginning of the log after it, or only close it. A server that was
 * killed may have written them into its folder, and told nobody: the next server writes them into its own.
 */
const isRepeated = async (before: Log, size: number, after: Log): Promise<boolean> => {
  let next = 1
  for await (const { leaf } of before.entries(size)) {
    const text = Buffer.from(leaf)
    if (readLeaf(text.toString())?.event === 'log-closed') continue
    if (next >= after.size) return false
    for await (const other of after.entries(next, next + 1)) if (!text.equals(other.leaf)) return false
    next += 1
  }
  return true
}

const addTo = (verified: readonly VerifiedLog[], name: string, finding: LogFinding | undefined): void => {
  if (finding !== undefined) verified.find((one) => one.name === name)?.findings.push(finding)
}

const missing = ({ name, note }: { name: string; note: string | Uint8Array }): VerifiedLog => {
  const origin = statedOrigin(note)
  const detail = `${name} is a checkpoint of ${origin || 'no log'}, and that log is not here`
  return {
    name: origin.split('/').at(-1) || name,
    origin,
    size: 0,
    findings: [{ code: 'log-missing', detail, known: name }]
  }
}

/** True if the error is about a log that is not whole. */
export const isLogProblem = (error: unknown): error is LogProblem => error instanceof LogProblem
