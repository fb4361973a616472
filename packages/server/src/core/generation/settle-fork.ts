import { given } from '@joinery/protocol/given'
import type { LostBranch } from '../ports/log/lost-branch.ts'
import { beganAt, firstBeyond, isSettledSince, type Term } from '../ports/log/terms.ts'
import { storeSubject } from '../ports/store/timeline.ts'
import { settlingEntries } from './settling-entries.ts'
import { endCredentials, type SettlingParts, takeBack } from './take-back.ts'

/** The line of the log that this server is active on. */
export interface LogLine {
  log: string
  /** History of terms, with the present one. */
  terms(): readonly Term[]
  /** Notes in the history, at the present term, what was settled. */
  settled(fork: Pick<Term, 'restored' | 'upTo'>): Promise<void>
}

export interface ForkParts extends SettlingParts {
  line: LogLine
}

/**
 * Settles a fork that another server found: etcd was restored, and this one did not know it. Only what was given before the fork is taken
 * back. What operators gave since stays. It is settled once: the history says so, and each server reads it.
 */
export const settleFork = async (
  parts: ForkParts,
  { lost, server }: { lost: LostBranch; server: string }
): Promise<void> => {
  const { store, credentials, log, line } = parts
  const terms = line.terms()
  const { from: first } = lost
  const from =
    first === undefined
      ? (firstBeyond(lost.number, terms) ?? terms.at(-1))
      : terms.find(({ number }) => number >= first)
  if (lost.log !== line.log || from === undefined || isSettledSince(from, terms)) return
  const before = beganAt(from, terms)
  const why = `etcd was restored before ${from.at}: ${server} has batch ${lost.number} of the log, which is not there`
  const timeline = await store.timeline(storeSubject)
  const taking = { why, ...given({ before }) }
  const { before: taken, done } = await takeBack(parts, taking, (said, now) => ({
    entries: settlingEntries(timeline, 'older-store', `${why}: ${said}`, now)
  }))
  const upTo = before === undefined ? terms.at(-1)?.number : from.number
  await line.settled({ restored: why, ...given({ upTo }) })
  log.warn({ event: 'older-store' }, `${why}: ${done}`)
  void endCredentials(taken, store, credentials).catch(() => undefined)
}
