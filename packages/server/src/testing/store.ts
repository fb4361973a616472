export { migrations } from '../adapters/sqlite/migrations.ts'
export { endedKept } from '../adapters/sqlite/mirror/ended-enrolments.ts'
export { type Mirror, type MirrorStore, openMirror } from '../adapters/sqlite/mirror/open-mirror.ts'
export { markDocument, nameOf, partOfRow, tables } from '../adapters/sqlite/mirror/parts.ts'
export { sqliteStore } from '../adapters/sqlite/sqlite-store.ts'
export { summed } from '../adapters/sqlite/summed.ts'
export { migrate, storeVersion } from '../adapters/sqlite/versions/migrate.ts'
export { DocumentTooLarge } from '../core/ports/store/document-too-large.ts'
export type { NoticeDocument } from '../core/ports/store/notice-queue.ts'
export {
  type AttemptDocument,
  type Change,
  type CodeDocument,
  type EnrolmentDocument,
  type EnrolmentHead,
  entriesKept,
  lastingKept,
  nodeSubject,
  type OutsiderDocument,
  Store,
  WritableStore,
  wordsKept
} from '../core/ports/store/store.ts'
export { takeState } from '../core/ports/store/take-state.ts'
