import { join } from 'node:path'

const database = 'joinery.db'

/** Path of the file of the store in a state folder. */
export const storeFileIn = (state: string): string => join(state, database)

/** Paths of all files that the store may have there: SQLite keeps two beside its own. */
export const storeFilesIn = (state: string): string[] => ['', '-wal', '-shm'].map((end) => storeFileIn(state) + end)
