import { open } from 'node:fs/promises'

/** Makes everything durable that was created, renamed or linked in the folder. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
