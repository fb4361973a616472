import { cpSync, existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initServer } from '@joinery/testing/pairing/init-server'
import { ensureAuditKey } from '../../../src/core/keys/audit-key.ts'
import { firstMasterKey } from '../../../src/core/keys/key-files.ts'
import { masterKeyLength } from '../../../src/core/keys/keys.ts'

/** Folder in memory, if the system has one and nobody chose another: histories are not about what a disk keeps. */
const room = process.env.TMPDIR === undefined && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** The one master key of all histories: a token follows from it, and a seed gives the same history each time. */
export const masterKey = Buffer.alloc(masterKeyLength, 7)

/** Room for the state folders of many hosts, all of which have the same keys. `remove` takes it away. */
export const stateFolders = async (): Promise<{ folder: string; remove: () => Promise<void> }> => {
  const folder = await mkdtemp(join(room, 'joinery-histories-'))
  const state = join(folder, keys)
  await initServer({ stateDirectory: state, configFile: join(folder, 'server.yaml'), store: 'cluster' })
  await writeFile(join(state, firstMasterKey), masterKey, { mode: 0o600 })
  await ensureAuditKey(state)
  return { folder, remove: () => rm(folder, { recursive: true }) }
}

/** Makes the state folder of a host that has nothing but the keys. */
export const newState = (folder: string, name: string): string => {
  const state = join(folder, name)
  for (const file of readdirSync(join(folder, keys))) cpSync(join(folder, keys, file), join(state, file))
  return state
}

const keys = 'keys'
