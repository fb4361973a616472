import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Given } from './inside/server.ts'

/** For a start, in milliseconds: many at once may share two processors. */
const patience = 60_000

/** The server, time and again: each start finds what the one before left. */
export interface ServerProcess {
  /** Of the agents' listener; undefined while it is down. */
  readonly port: number | undefined
  /** What it wrote to its log. */
  readonly log: readonly string[]
  /** How it ended where nobody killed it. */
  readonly ends: readonly string[]
  /** Resolves when it serves, or has ended. */
  start(): Promise<void>
  /** As `kill -9` does. */
  kill(): Promise<void>
  /** The same, for good. */
  close(): Promise<void>
}

/** `program`: as `bundleServer` made it. */
export const serverProcess = (program: string, given: Given): ServerProcess => {
  const [log, ends]: [string[], string[]] = [[], []]
  let child: ChildProcess | undefined
  let port: number | undefined
  const load = (): ChildProcess => {
    const loaded = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    for (const stream of [loaded.stdout, loaded.stderr]) stream?.on('data', (text) => log.push(String(text)))
    return loaded
  }
  // the one to come has its program read already: it opens the store when it is told to, as quickly as a small program would
  let next = load()
  const start = async (): Promise<void> => {
    const own = next
    next = load()
    child = own
    const ended = once(own, 'exit').then(([code, signal]) => {
      if (child !== own) return
      child = undefined
      port = undefined
      ends.push(`the server ended by itself, ${signal ?? code}: ${log.slice(-3).join('')}`)
    })
    const late = AbortSignal.timeout(patience)
    const began = once(own, 'message', { signal: late }).then(([message]) => message as number)
    // where it ends first, nobody waits for this one
    began.catch(() => undefined)
    own.send(given)
    port = (await Promise.race([began, ended])) ?? undefined
  }
  const kill = async (): Promise<void> => {
    const own = child
    child = undefined
    port = undefined
    if (own !== undefined) await killed(own)
  }
  return {
    get port() {
      return port
    },
    log,
    ends,
    start,
    kill,
    close: async () => {
      await kill()
      await killed(next)
    }
  }
}

const killed = async (child: ChildProcess): Promise<void> => {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
  child.kill('SIGKILL')
  await gone
}
