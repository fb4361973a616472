export { makeBackup } from '../backup/make-backup.ts'
export { restoreBackup } from '../backup/restore-backup.ts'
