import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { initServer } from './init-server.ts'

/** CA and leaf as files of a state folder, by their names. */
type Keys = Readonly<Record<(typeof keyFiles)[number], Buffer>>
const keyFiles = ['ca.key', 'ca.crt', 'tls.key', 'tls.crt'] as const

/** Keys that no server has now. Their server has ended, so the next one may have them: to make them takes 20 ms of CPU time. */
const free: Keys[] = []

/** Folder in memory, if the system has one and nobody chose another: these tests are not about what a disk keeps. */
const room = process.env.TMPDIR === undefined && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/**
 * A folder in which `joinery-server init` has run, and its pin. It is removed after the test. No two folders that are
 * there at the same time have the same CA.
 */
export const serverHost = async (t: Test): Promise<{ folder: string; pin: string }> => {
  const folder = await mkdtemp(join(room, 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const state = join(folder, 'server')
  const keys = free.pop()
  if (keys !== undefined) {
    await mkdir(state)
    for (const name of keyFiles) await writeFile(join(state, name), keys[name], { mode: 0o600 })
  }
  const pin = await initServer({ stateDirectory: state, configFile: join(folder, 'server.yaml') })
  const made = keys ?? (await readKeys(state))
  t.teardown(() => void free.push(made))
  return { folder, pin }
}

const readKeys = async (state: string): Promise<Keys> => {
  const read = (name: string) => readFile(join(state, name))
  const [caKey, ca, leafKey, leaf] = await Promise.all(keyFiles.map(read))
  return { 'ca.key': caKey, 'ca.crt': ca, 'tls.key': leafKey, 'tls.crt': leaf } as Keys
}
