export type { Appender, KnownLog, LiveDocument, LogFacts, OpenLog, TakenOver } from '../core/ports/log/appender.ts'
export {
  bytesOf,
  type DocumentSpec,
  documentAtMost,
  emptyHead,
  type HeadSpec,
  headAtMost,
  type NewDocument,
  nextBatch,
  openDocument,
  openHead,
  packBatch,
  sealDocument,
  sealHead,
  unpackBatch
} from '../core/ports/log/format.ts'
export { type LogKeys, logKeys } from '../core/ports/log/log-keys.ts'
export {
  type LogObjects,
  NotDone,
  OutcomeUnknown,
  type Refuser,
  type StoredDocument
} from '../core/ports/log/log-objects.ts'
export { LogRefusal } from '../core/ports/log/log-refusal.ts'
export { adoptCluster, adoptLocal } from '../features/high-availability/log/adopt.ts'
export { type LogClock, systemLogClock } from '../features/high-availability/log/log-clock.ts'
export type { Seen } from '../features/high-availability/log/memory/memory.ts'
export { overtaken, type Taken, type TakeOverParts, takeOver } from '../features/high-availability/log/take-over.ts'
