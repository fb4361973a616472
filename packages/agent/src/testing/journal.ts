export { type Journal, JournalFile } from '../journal/journal.ts'
export { stages } from '../journal/stages.ts'
