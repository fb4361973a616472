import { join } from 'node:path'
import { readIfThere, removeDurably, writeDurably } from '../base/files.ts'
import type { SeenHead, SeenHeadFile } from '../log/head-sight.ts'

/** File in the state folder for the last end of the log that this host saw. */
export const seenHeadFile = (state: string): SeenHeadFile & { forget(): Promise<void> } => {
  const file = join(state, 'head-seen')
  return {
    read: async () => parsed((await readIfThere(file))?.toString()),
    write: (seen) => writeDurably(file, `${JSON.stringify(seen)}\n`),
    forget: () => removeDurably(file)
  }
}

/** A file that is damaged says nothing: writes are whole, so somebody else wrote it. */
const parsed = (text: string | undefined): SeenHead | undefined => {
  try {
    const { log, number } = JSON.parse(text ?? '') as Record<string, unknown>
    return typeof log === 'string' && Number.isSafeInteger(number) ? { log, number: Number(number) } : undefined
  } catch {
    return undefined
  }
}
