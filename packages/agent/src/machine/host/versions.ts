import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError, type Exec, searchPath } from '@joinery/host/exec'

const commands = {
  kubelet: ['kubelet', '--version'],
  kubeadm: ['kubeadm', 'version', '-o', 'short'],
  kubectl: ['kubectl', 'version', '--client']
} as const

export type Program = keyof typeof commands

/** The version of a program as `v1.37.2`. Rejects with CommandError; ENOENT where it is not installed. */
export type ReadVersion = (program: Program) => Promise<string>

/** Each of them is tens of megabytes to load, so it is run again only after its file has changed. */
export const versionReader = (exec: Exec, identify = identityOf): ReadVersion => {
  const known = new Map<Program, { identity: string; version: Promise<string> }>()
  return async (program) => {
    const identity = await identify(program)
    if (identity === undefined) throw new CommandError(commands[program], 'ENOENT', '')
    const last = known.get(program)
    if (last?.identity === identity) return last.version
    const version = exec(commands[program]).then(versionIn)
    known.set(program, { identity, version })
    version.catch(() => known.delete(program))
    return version
  }
}

/** `v1.37.2` out of what any of them prints; all of it where there is none. */
const versionIn = (printed: string): string => /v\d+\.\d+\.\d+\S*/.exec(printed)?.[0] ?? printed.trim()

/** Changes when the file of the program does; undefined where there is none. */
const identityOf = async (program: Program): Promise<string | undefined> => {
  for (const folder of searchPath) {
    const found = await stat(join(folder, program)).catch(() => undefined)
    if (found?.isFile()) return `${folder} ${found.ino} ${found.size} ${found.mtimeMs}`
  }
  return undefined
}

/** 37 of `v1.37.2`; undefined where the text is no version. There has only ever been a v1. */
export const minorOf = (version: string): number | undefined => {
  const digits = /^v1\.(\d+)\./.exec(version)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
