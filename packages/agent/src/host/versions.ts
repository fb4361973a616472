import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError, type Exec, searchPath } from '@joinery/host/exec'

const commands = {
  kubelet: ['kubelet', '--version'],
  kubeadm: ['kubeadm', 'version', '-o', 'short'],
  kubectl: ['kubectl', 'version', '--client']
} as const

/** Milliseconds for a program to be read from a slow disk, as at the first start after a boot. */
const firstStart = 60_000

export type Program = keyof typeof commands

/** The version of a program as `v1.37.2`. Rejects with CommandError; with ENOENT if the program is not installed. */
export type ReadVersion = (program: Program) => Promise<string>

/**
 * Reads versions, and remembers them. Each program is tens of megabytes to load, so it is run again only after its
 * file has changed.
 */
export const versionReader = (exec: Exec, identify = identityOf): ReadVersion => {
  const known = new Map<Program, { identity: string; version: Promise<string> }>()
  return async (program) => {
    const identity = await identify(program)
    if (identity === undefined) throw new CommandError(commands[program], 'ENOENT', '')
    const last = known.get(program)
    if (last?.identity === identity) return last.version
    const version = exec(commands[program], { timeout: firstStart }).then(versionIn)
    known.set(program, { identity, version })
    version.catch(() => known.delete(program))
    return version
  }
}

/** The version `v1.37.2` in a program's output. The whole output if it has none. */
const versionIn = (printed: string): string => /v\d+\.\d+\.\d+\S*/.exec(printed)?.[0] ?? printed.trim()

/** Identity of the program's file, which changes when the file does. Undefined if there is no file. */
const identityOf = async (program: Program): Promise<string | undefined> => {
  for (const folder of searchPath) {
    const found = await stat(join(folder, program)).catch(() => undefined)
    if (found?.isFile()) return `${folder} ${found.ino} ${found.size} ${found.mtimeMs}`
  }
  return undefined
}

/** Minor version: 37 of `v1.37.2`. Undefined if the text is no version. There has only ever been a v1. */
export const minorOf = (version: string): number | undefined => {
  const digits = /^v1\.(\d+)\./.exec(version)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
