import type { Files } from '@joinery/host/files'
import { isSame, type MachineIds } from '../machine/host/machine-ids.ts'

/** A file of the agent's own that is of one machine: it is kept with machine id and product UUID. */
export interface Kept<Stored extends object, Value> {
  path: string
  ids: () => Promise<MachineIds>
  make: () => Stored | Promise<Stored>
  /** Throws where the file is damaged. */
  read: (stored: Stored) => Value
}

/** What is kept there, made once. On a cloned image, where the ids differ, it is made anew, so that copies share nothing. */
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

/** Undefined where it is another machine's, or damaged: writes are whole, so that did not come from us. */
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
