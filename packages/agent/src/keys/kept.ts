import type { Files } from '@joinery/host/files'
import { isSame, type MachineIds } from '../host/machine-ids.ts'

/** A file of the agent that belongs to one machine: it is kept with machine id and product UUID. */
export interface Kept<Stored extends object, Value> {
  path: string
  ids: () => Promise<MachineIds>
  make: () => Stored | Promise<Stored>
  /** Throws if the file is damaged. */
  read: (stored: Stored) => Value
}

/**
 * The value kept in the file, made once. On a cloned image the ids differ, and the value is made again, so that
 * copies share nothing.
 */
export const loadKept = async <Stored extends object, Value>(
  files: Files,
  kept: Kept<Stored, Value>
): Promise<Value> => {
  const { path, make, read } = kept
  const ids = await kept.ids()
  const text = await files.read(path)
  const found = text === undefined ? undefined : readKept(text, ids, read)
  if (found !== undefined) return found
  const { machineId, productUuid } = ids
  const made = { machineId, productUuid, ...(await make()) }
  if (text !== undefined) await files.write(path, JSON.stringify(made), 0o600)
  // a second agent on this machine was faster: a machine has one key
  else if (!(await files.create(path, JSON.stringify(made), 0o600))) return loadKept(files, kept)
  return read(made)
}

/**
 * Reads the text of a kept file. Undefined if the text is another machine's, or damaged. Writes are whole, so the
 * damage did not come from us.
 */
export const readKept = <Stored extends object, Value>(
  text: string,
  ids: MachineIds,
  read: (stored: Stored) => Value
): Value | undefined => {
  try {
    const stored = JSON.parse(text) as Stored & MachineIds
    return isSame(stored, ids) ? read(stored) : undefined
  } catch {
    return undefined
  }
}
