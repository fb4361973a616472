import { existsSync } from 'node:fs'
import { chown, lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '@joinery/host/sync-folder'
import { ownerFor } from '../base/files.ts'
import { StartRefusal } from '../base/start-refusal.ts'
import { writeKeyFile } from './authority-keys.ts'

/** New contents of files of the state folder by their names. An empty content removes the file. */
export type KeyChange = ReadonlyMap<string, string | Uint8Array>

/** One write of a change, which a crash can come before or after. */
export interface KeyStep {
  what: string
  do(): Promise<void>
}

const draftOf = (state: string): string => join(state, '.keys.draft')
const madeOf = (state: string): string => join(state, '.keys.made')

/**
 * Changes several key files of a state folder as one: after a crash anywhere, `finishKeyChange` finds all of the change or nothing.
 * The caller has the state folder for itself.
 */
export const changeKeys = async (state: string, change: KeyChange): Promise<void> => {
  for (const step of stepsOfKeyChange(state, change)) await step.do()
}

/** The steps of `changeKeys`. The change counts from the step `commit` on. */
export const stepsOfKeyChange = (state: string, change: KeyChange): KeyStep[] => {
  const [draft, made] = [draftOf(state), madeOf(state)]
  return [
    { what: 'begin', do: () => begin(state) },
    ...[...change].map(([name, content]) => ({
      what: `draft ${name}`,
      do: () => writeKeyFile(draft, name, content)
    })),
    {
      what: 'commit',
      do: async () => {
        await rename(draft, made)
        await syncFolder(state)
      }
    },
    ...[...change.keys()].map((name) => ({ what: `place ${name}`, do: () => place(state, name) })),
    { what: 'end', do: () => end(state) }
  ]
}

/** Finishes a change of key files that was cut, and removes what a change left that does not count. */
export const finishKeyChange = async (state: string): Promise<void> => {
  await rm(draftOf(state), { recursive: true, force: true })
  if (!isKeyChangeCut(state)) return
  if (!(await lstat(madeOf(state))).isDirectory()) {
    // root would take files out of the folder that it names
    throw new StartRefusal(`${madeOf(state)} is no folder`, 'move it away')
  }
  for (const name of (await readdir(madeOf(state))).sort()) await place(state, name)
  await end(state)
}

/** True if a change of key files counts, and was cut before its end: what lies in the state folder is half of it. */
export const isKeyChangeCut = (state: string): boolean => existsSync(madeOf(state))

const begin = async (state: string): Promise<void> => {
  await finishKeyChange(state)
  await mkdir(draftOf(state), { mode: 0o700 })
  const owner = await ownerFor(state)
  if (owner !== undefined) await chown(draftOf(state), owner.uid, owner.gid)
}

const place = async (state: string, name: string): Promise<void> => {
  const [from, to] = [join(madeOf(state), name), join(state, name)]
  if ((await lstat(from)).size > 0) return rename(from, to)
  await rm(to, { force: true })
  // or after a power cut the file is there, and nobody knows any more that it must go
  await syncFolder(state)
  await rm(from)
}

const end = async (state: string): Promise<void> => {
  await syncFolder(state)
  await rmdir(madeOf(state))
  await syncFolder(state)
}
