import { join } from 'node:path'
import { readIfThere, removeDurably, writeDurably } from '../../core/base/files.ts'
import type { EndingMark } from './move.ts'

/** The mark in the state folder: a file with the id of the log. */
export const endingMark = (state: string): EndingMark => {
  const file = join(state, 'log-ends')
  return {
    is: async (log) => (await readIfThere(file))?.toString() === log,
    note: (log) => writeDurably(file, log),
    forget: () => removeDurably(file)
  }
}
