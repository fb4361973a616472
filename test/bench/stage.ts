import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Calls } from './inside/offer.ts'
import type { Address, ServerCalls } from './inside/server.ts'
import { startWorker, type Worker } from './worker.ts'

/** Where state goes. Not /tmp: that may be memory, where a commit costs nothing. */
export const scratch = '/var/tmp'

/** The cores: one for the server that is measured, one for all else. */
export const cores = { server: 0, others: 1 } as const

/** A pairing server with a store of its own, on a core of its own. */
export interface Stage extends AsyncDisposable {
  folder: string
  server: Worker<ServerCalls>
  address: Address
  /** Starts another program of `inside/`; it ends with the stage. */
  start<C extends Calls>(program: string, core: number): Worker<C>
}

export const openStage = async (): Promise<Stage> => {
  const folder = await mkdtemp(join(scratch, 'joinery-bench-'))
  const workers: { end(): Promise<void> }[] = []
  const start = <C extends Calls>(program: string, core: number, ...more: [NodeJS.ProcessEnv?, string[]?]) => {
    const worker = startWorker<C>(program, core, join(folder, `${program}.log`), ...more)
    workers.push(worker)
    return worker
  }
  const server = start<ServerCalls>('server', cores.server, await unitEnvironment(), await packagedOptions())
  return {
    folder,
    server,
    address: await server.call('start', folder),
    start,
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) await worker.end()
      await rm(folder, { recursive: true })
    }
  }
}

/** What the unit of the package gives the server. */
const unitEnvironment = async (): Promise<NodeJS.ProcessEnv> => {
  const unit = await textOf('systemd/joinery-server.service')
  return Object.fromEntries(
    [...unit.matchAll(/^Environment=([^=\n]+)=(.*)$/gm)].map(([, name, value]) => [name, value])
  )
}

/** The bound of its heap that the package gives it. Read as text, since this runs on earlier commits too, which had none. */
export const packagedOptions = async (): Promise<string[]> => {
  const [file = ''] = globSync('packaging/**/server-package.ts', { cwd: root })
  const [, limit] = /^export const heapLimit = (\d+)$/m.exec(await textOf(file)) ?? []
  return limit === undefined ? [] : [`--max-old-space-size=${limit}`]
}

const root = resolve(import.meta.dirname, '../..')

const textOf = (file: string): Promise<string> => readFile(resolve(root, file), 'utf8')
