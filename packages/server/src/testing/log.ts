export { adoptCluster, adoptLocal } from '../log/adopt.ts'
export type { Appender, KnownLog, LiveDocument, LogFacts, OpenLog, TakenOver } from '../log/appender.ts'
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
} from '../log/format.ts'
export { type LogClock, systemLogClock } from '../log/log-clock.ts'
export { type LogKeys, logKeys } from '../log/log-keys.ts'
export { type LogObjects, NotDone, OutcomeUnknown, type StoredDocument } from '../log/log-objects.ts'
export { LogRefusal } from '../log/log-refusal.ts'
export type { Seen } from '../log/memory/memory.ts'
export { overtaken, type Taken, type TakeOverParts, takeOver } from '../log/take-over.ts'
export { FakeLogObjects, type LogCall, type Snapshot } from './fake-log-objects.ts'
export type { Fate } from './fate.ts'
