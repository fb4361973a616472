import { CommandError } from '@joinery/host/exec'
import type { Runtime } from '../../src/cri/cri.ts'
import type { Host, Space } from '../../src/host/host.ts'
import type { Program } from '../../src/host/versions.ts'

/** A machine as a table: what a check is told is in it, everything else is not there. */
export interface Table {
  files?: Record<string, string>
  /** What version it has, or the exit status of its command. */
  programs?: Partial<Record<Program, string | number>>
  /** By the whole command line: what it prints, or its exit status. */
  commands?: Record<string, string | number>
  /** Error code of a connection to host:port; everything else answers. */
  unreachable?: Record<string, string>
  taken?: number[]
  /** The program that installs packages, apt-get unless said otherwise. */
  installs?: 'dnf' | 'zypper' | 'none'
  runtime?: Runtime | Error
  /** Addresses by host name, or the error code of the resolver; an unknown name is ENOTFOUND. */
  names?: Record<string, string[] | string>
  /** By path; everywhere else there is plenty. */
  space?: Record<string, Partial<Space>>
  interfaces?: ReturnType<Host['interfaces']>
  environment?: Record<string, string>
  uid?: number
  /** By the whole command line: how long it takes, in milliseconds; any other takes no time. */
  takes?: Record<string, number>
}

const plenty: Space = { free: 50e9, total: 100e9, freeInodes: 5e6, totalInodes: 6e6 }

export const systemError = (code: string): Error => Object.assign(new Error(code), { code })

export const tableHost = (table: Table): Host => {
  let now = 0
  return {
    read: async (path) => table.files?.[path],
    list: async (path) => [
      ...new Set(
        [...Object.keys(table.files ?? {}), `/usr/bin/${table.installs ?? 'apt-get'}`]
          .filter((file) => file.startsWith(`${path}/`))
          .map((file) => file.slice(path.length + 1).split('/')[0] as string)
      )
    ],
    readGzip: async (path) => table.files?.[path],
    exec: async (argv, { timeout = Number.POSITIVE_INFINITY } = {}) => {
      const line = argv.join(' ')
      const took = table.takes?.[line] ?? 0
      now += Math.min(took, timeout)
      if (took > timeout) throw new CommandError(argv, 'ETIMEDOUT', '')
      const printed = table.commands?.[line]
      if (typeof printed === 'string') return printed
      throw new CommandError(argv, printed ?? 'ENOENT', '')
    },
    version: async (program) => {
      const version = table.programs?.[program]
      if (typeof version === 'string') return version
      throw new CommandError([program, '--version'], version ?? 'ENOENT', '')
    },
    connect: async (host, port) => {
      const code = table.unreachable?.[`${host}:${port}`]
      if (code !== undefined) throw systemError(code)
    },
    listen: async (port) => {
      if (table.taken?.includes(port)) throw systemError('EADDRINUSE')
    },
    resolve: async (name) => {
      const known = table.names?.[name] ?? 'ENOTFOUND'
      if (typeof known === 'string') throw systemError(known)
      return known
    },
    space: async (path) => ({ ...plenty, ...table.space?.[path] }),
    interfaces: () => table.interfaces ?? {},
    environment: table.environment ?? {},
    uid: table.uid ?? 0,
    monotonic: () => now,
    runtime: async () => {
      if (table.runtime === undefined) throw systemError('ENOENT')
      if (table.runtime instanceof Error) throw table.runtime
      return table.runtime
    }
  }
}
