export { DocumentTooLarge } from '../store/document-too-large.ts'
export type { NoticeDocument } from '../store/notice-queue.ts'
export { migrations } from '../store/sqlite/migrations.ts'
export { endedKept } from '../store/sqlite/mirror/ended-enrolments.ts'
export { type Mirror, type MirrorStore, openMirror } from '../store/sqlite/mirror/open-mirror.ts'
export { markDocument, nameOf, partOfRow, tables } from '../store/sqlite/mirror/parts.ts'
export { sqliteStore } from '../store/sqlite/sqlite-store.ts'
export { summed } from '../store/sqlite/summed.ts'
export { takeState } from '../store/sqlite/take-state.ts'
export { migrate, storeVersion } from '../store/sqlite/versions/migrate.ts'
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
  wordsKept
} from '../store/store.ts'
