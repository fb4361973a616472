import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Replaces a file as a whole: a reader finds the old content or the new one. The caller makes its folder durable. */
export const replaceFile = async (path: string, bytes: Uint8Array): Promise<void> => {
  const draft = join(dirname(path), `.${basename(path)}.new`)
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
