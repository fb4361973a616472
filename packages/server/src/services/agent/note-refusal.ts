import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { type Refusal, refusedUse } from '../../enrolment/code/refused-use.ts'
import type { CodeDocument, Store } from '../../store/store.ts'
import type { Caller } from './sighting.ts'

export interface NoteParts {
  store: Store
  clock: Clock
  log: Logger
}

/** Writes into the timeline of the code that a machine came with it and was not let in. */
export const noteRefusal = async (
  { store, clock, log }: NoteParts,
  { id }: CodeDocument,
  refusal: Refusal,
  caller: Caller
): Promise<void> => {
  const entry = refusedUse(await store.timeline(id), refusal, caller, clock.now())
  if (entry === undefined) return
  await store.commit({ entries: [{ subject: id, entry }] })
  if (entry.alert) log.warn({ code: id, event: entry.event }, entry.detail)
}
