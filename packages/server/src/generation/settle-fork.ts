import type { LostBranch } from '../log/memory/lost-branch.ts'
import { isSettledSince, type Term } from '../log/memory/terms.ts'
import { storeSubject } from '../store/store.ts'
import { settlingEntries } from './settling-entries.ts'
import { endCredentials, type SettlingParts, takeBack } from './take-back.ts'

/** The line of the log that this server is active on. */
export interface LogLine {
  log: string
  /** History of terms, with the present one. */
  terms(): readonly Term[]
  /** Notes in the history that everything given before the present term was settled. */
  settled(why: string): Promise<void>
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
  const from = first === undefined ? terms.at(-1) : terms.find(({ number }) => number >= first)
  if (lost.log !== line.log || from === undefined || isSettledSince(from, terms)) return
  const why = `etcd was restored before ${from.at}: ${server} has batch ${lost.number} of the log, which is not there`
  const timeline = await store.timeline(storeSubject)
  const { before, done } = await takeBack(parts, { why, before: from.at }, (taken, now) => ({
    entries: settlingEntries(timeline, 'older-store', `${why}: ${taken}`, now)
  }))
  await line.settled(why)
  log.warn({ event: 'older-store' }, `${why}: ${done}`)
  void endCredentials(before, store, credentials).catch(() => undefined)
}
