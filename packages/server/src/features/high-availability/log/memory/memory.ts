import { given } from '@joinery/protocol/given'
import type { KnownLog } from '../../../../core/ports/log/appender.ts'
import type { HeadSpec } from '../../../../core/ports/log/format.ts'
import {
  beganAt,
  isSettledSince,
  judgePlace,
  type Line,
  type Place,
  type Term,
  type TermPlace
} from '../../../../core/ports/log/terms.ts'
import type { Restored } from '../../../../core/ports/store/store-age.ts'

/** A batch of a log up to which this host surely knew the log, because a server was active on it meanwhile. */
export interface KnownBatch {
  number: number
  hash: string
  term: number
  /** When the Lease of the server that was active was renewed last, by the clock of that server. */
  at: string
  /** The last terms up to this batch. */
  terms: readonly TermPlace[]
}

/** Memory that this host has of one log. */
export interface SeenLog {
  log: string
  /** Largest number of a batch that this host ever saw, whether a server was active or not. */
  number: number
  /** The last batch on which this host was the active server itself. */
  own?: KnownBatch
  /** The last batch that another server stood on, whose renewals of the Lease this host saw. */
  sight?: KnownBatch
}

/** The memory of this host: its last logs, the newest first. */
export interface Seen {
  logs: readonly SeenLog[]
  /** True if the memory was fresh when this host was about to take the Lease last: see `isFresh`. */
  isFresh?: boolean
  /** Time at which this host was about to take the Lease then, as it would say in it. */
  took?: string
}

/** Milliseconds between what this host knew last and the last renewal of the Lease, within which its memory is fresh. */
const freshFor = 60_000

/**
 * True if this host knew a log when another server renewed the Lease last, or less than a minute before or after. Both times are
 * by the clocks of active servers.
 */
export const isFresh = (log: SeenLog | undefined, renewed: string): boolean =>
  [log?.own, log?.sight].some(
    (one) => one !== undefined && Math.abs(Date.parse(renewed) - Date.parse(one.at)) <= freshFor
  )

/** The log as a take-over finds it, and what this host knows of it. */
export interface MemorySituation {
  head: Pick<HeadSpec, 'log' | 'number' | 'hash' | 'term'>
  /** History of terms up to the head. */
  terms: readonly Term[]
  /** Knowledge of the local file. Undefined if there is none. */
  known: Pick<KnownLog, 'log' | 'number'> | undefined
  seen: Seen | undefined
}

/**
 * Verdict on a take-over.
 * - refused: the log is not the one that this host knows, and only a person can say which one is right
 * - known: the host goes on with the log. With `restored` it must treat it as an older copy
 * `lost`: the local file lies on a branch that the log left, and goes aside.
 */
export type MemoryVerdict = { is: 'refused'; cause: string } | { is: 'known'; restored?: Restored; lost?: LostFile }

/** A local file on a branch that the log has left. */
export interface LostFile {
  /** When the log left it, if anybody can say that. */
  at?: string
}

export const decideMemory = (situation: MemorySituation): MemoryVerdict => {
  const { head, terms, known, seen } = situation
  if (known !== undefined && known.log !== head.log) {
    return { is: 'refused', cause: `the local file belongs to log ${known.log}, and the cluster has log ${head.log}` }
  }
  const log = seen?.logs.find((one) => one.log === head.log)
  const [file, sight] = linesOf(situation, log)
  const refused = (cause: string) => ({ is: 'refused', cause }) as const
  if (file.is === 'ahead') {
    return refused(`the local file has batch ${known?.number} of the log, and the cluster only batch ${head.number}`)
  }
  const saw = Math.max(log?.number ?? 0, log?.sight?.number ?? 0, log?.own?.number ?? 0)
  const isFork = file.is === 'fork' || sight.is === 'fork'
  if (sight.is === 'ahead' || (saw > head.number && !isFork)) {
    return refused(`this host saw batch ${saw} of the log, and the cluster has only batch ${head.number}`)
  }
  // without a file there is nothing to put aside: it may be there already
  const lost = known !== undefined && file.is === 'fork' ? given({ at: beganAt(file.from, terms) }) : undefined
  return { is: 'known', ...given({ restored: restoredBy(situation, log, file), lost }) }
}

/** Verdicts on the places of the file and of the last sight of this host. */
const linesOf = (
  { head, terms, known }: Omit<MemorySituation, 'seen'>,
  log: SeenLog | undefined
): [file: Line, sight: Line] => {
  const judged = (place: Place | undefined): Line =>
    place === undefined ? { is: 'here' } : judgePlace(place, head.number, terms)
  return [judged(placeOfFile(known, log)), judged(log?.sight)]
}

/** The place of the local file. Its terms are those of the time when this host was the active server. */
export const placeOfFile = (
  known: Pick<KnownLog, 'number'> | undefined,
  log: Pick<SeenLog, 'own'> | undefined
): Place | undefined => {
  if (known === undefined) return log?.own
  const { number } = known
  const own = log?.own
  if (own === undefined) return { number }
  return { number, terms: own.terms, ...(own.number === number && { hash: own.hash }) }
}

const restoredBy = (situation: MemorySituation, log: SeenLog | undefined, file: Line): Restored | undefined => {
  const { terms, known } = situation
  if (!isRemembered(situation, log)) {
    return { why: 'a server took the log over without fresh memory of it, and etcd may have been restored' }
  }
  if (file.is !== 'fork' || isSettledSince(file.from, terms)) return undefined
  const before = beganAt(file.from, terms)
  return {
    why: `etcd was restored: the log went on without what a host had, up to batch ${known?.number ?? log?.own?.number}`,
    ...(before !== undefined && given({ before, upTo: file.from?.number }))
  }
}

const isRemembered = ({ head, terms, known, seen }: MemorySituation, log: SeenLog | undefined): boolean => {
  // nothing was ever given by an empty log
  if (head.number === 0 && head.term === 0) return true
  // the first take-over after an upgrade: a host that ran this version before would remember more than its file
  if (terms.length === 0 && log?.own === undefined && log?.sight === undefined) return known !== undefined
  const ends = endsOf(head, terms)
  const isHere = (one: KnownBatch): boolean => judgePlace(one, head.number, terms).is === 'here'
  const { own, sight } = log ?? {}
  // its process may have been cut before it noted its last batch, and the term has no other server
  if (own !== undefined && isHere(own) && ends.some(({ term }) => term === own.term)) return true
  if (ends.some(({ hash }) => hash === sight?.hash)) return true
  return seen?.isFresh === true && [own, sight].some((one) => one !== undefined && isHere(one))
}

/** The last batch of the log, and the one before a last term in which a command took over and nobody gave anything. */
const endsOf = (head: MemorySituation['head'], terms: readonly Term[]): Pick<HeadSpec, 'hash' | 'term'>[] => {
  const last = terms.at(-1)
  return last?.isCommand === true && last.number === head.number ? [head, last.before] : [head]
}

/** Reason for the settling of a log that a person adopted. */
export const adopted = 'joinery-server store adopt was run, since etcd was restored or objects were lost'

/**
 * The same for a person who says that what the cluster has is right. It is settled once for a line of the log, and not once for each
 * host: a host that has what the log went on without asks nothing again if that was settled since. It must know nothing else that is not
 * there: etcd may have been restored once more.
 */
export const decideAdopted = ({ head, terms, known, seen }: MemorySituation): MemoryVerdict => {
  const log = seen?.logs.find((one) => one.log === head.log)
  const own = known?.log === head.log ? known : undefined
  const lines = linesOf({ head, terms, known: own }, log)
  const isSettled =
    lines.some(({ is }) => is === 'fork') &&
    lines.every((line) => line.is === 'here' || (line.is === 'fork' && isSettledSince(line.from, terms)))
  const restored = { why: adopted }
  const [file] = lines
  const lost = given({ at: file.is === 'fork' ? beganAt(file.from, terms) : undefined })
  return { is: 'known', lost, ...(!isSettled && { restored }) }
}
