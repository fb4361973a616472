export { migrations } from '../adapters/sqlite/migrations.ts'
export { endedKept } from '../adapters/sqlite/mirror/ended-enrolments.ts'
export { type Mirror, type MirrorStore, openMirror } from '../adapters/sqlite/mirror/open-mirror.ts'
export { markDocument, nameOf, partOfRow, tables } from '../adapters/sqlite/mirror/parts.ts'
export { sqliteStore } from '../adapters/sqlite/sqlite-store.ts'
export { summed } from '../adapters/sqlite/summed.ts'
export { migrate, storeVersion } from '../adapters/sqlite/versions/migrate.ts'
export type { Change } from '../core/ports/store/change.ts'
export { DocumentTooLarge } from '../core/ports/store/document-too-large.ts'
export type { AttemptDocument } from '../core/ports/store/documents/attempt-document.ts'
export type { CodeDocument } from '../core/ports/store/documents/code-document.ts'
export {
  type ConflictDocument,
  type EnrolmentDocument,
  type EnrolmentHead,
  emptyParts,
  type JoinDocument
} from '../core/ports/store/documents/enrolment-document.ts'
export type { OutsiderDocument } from '../core/ports/store/documents/outsider-document.ts'
export type { NoticeDocument } from '../core/ports/store/notice-queue.ts'
export { Store, WritableStore } from '../core/ports/store/store.ts'
export { takeState } from '../core/ports/store/take-state.ts'
export { entriesKept, lastingKept, nodeSubject, wordsKept } from '../core/ports/store/timeline.ts'
