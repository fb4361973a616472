import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Bed } from '../cluster/bed/bed.ts'
import type { Calls, Reply } from './inside/offer.ts'

/** For a program that is to end, in milliseconds. */
const patience = 5000

/** A program of `inside/` in a process of its own. */
export interface Worker<C extends Calls> {
  pid: number
  /** Why it ended; pending while it runs. */
  ended: Promise<string>
  call<Name extends keyof C & string>(name: Name, ...args: Parameters<C[Name]>): Promise<Awaited<ReturnType<C[Name]>>>
  /** Ends it, if it has not ended by itself. */
  end(): Promise<void>
}

/**
 * Starts `inside/<program>.ts` on one core, its standard output appended to the file `log`. `env`, `nodeOptions`: beside
 * those of this process.
 */
export const startWorker = <C extends Calls>(
  program: string,
  core: number,
  log: string,
  env: NodeJS.ProcessEnv = {},
  nodeOptions: readonly string[] = []
): Worker<C> => {
  const node = [process.execPath, ...process.execArgv, ...nodeOptions, fileOf(program)]
  return launch(program, ['taskset', '--cpu-list', `${core}`, ...node], log, env)
}

/** Starts `inside/<program>.ts` in a bed, on any core. Its output is with the logs of the bed. */
export const startWorkerIn = <C extends Calls>(bed: Pick<Bed, 'entering' | 'logs'>, program: string): Worker<C> => {
  const argv = bed.entering([process.execPath, ...process.execArgv, fileOf(program)])
  return launch(program, argv, join(bed.logs, `${program}.log`), {})
}

const fileOf = (program: string): string => join(import.meta.dirname, 'inside', `${program}.ts`)

const launch = <C extends Calls>(
  program: string,
  [file = '', ...args]: readonly string[],
  log: string,
  env: NodeJS.ProcessEnv
): Worker<C> => {
  const output = openSync(log, 'a')
  const child = spawn(file, args, {
    stdio: ['ignore', output, 'inherit', 'ipc'],
    env: { ...process.env, ...env },
    // keeps numbers of 64 bits
    serialization: 'advanced'
  })
  closeSync(output)
  const pending = new Map<number, PromiseWithResolvers<never>>()
  child.on('message', (reply: Reply) => {
    const waiting = pending.get(reply.id)
    pending.delete(reply.id)
    if ('error' in reply) waiting?.reject(new Error(`${program}: ${reply.error}`))
    else waiting?.resolve(reply.value as never)
  })
  const ended = once(child, 'exit').then(([code, signal]) => {
    for (const { reject } of pending.values()) reject(new Error(`${program} ended: ${signal ?? code}`))
    return String(signal ?? code)
  })
  let last = 0
  return {
    pid: child.pid ?? 0,
    ended,
    call: (name, ...args) => {
      const waiting = Promise.withResolvers<never>()
      last += 1
      pending.set(last, waiting)
      child.send({ id: last, name, args }, (error) => error && waiting.reject(error))
      return waiting.promise
    },
    end: async () => {
      if (child.connected) child.disconnect()
      // one that is stuck sees no end of its channel
      const stuck = setTimeout(() => child.kill('SIGKILL'), patience)
      await ended
      clearTimeout(stuck)
    }
  }
}
