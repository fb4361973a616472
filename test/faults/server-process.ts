import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Given, Heard } from './inside/server.ts'

/** For a start, in milliseconds: many at once may share two processors. */
const patience = 180_000

/** The server, time and again: each start finds what the one before left. */
export interface ServerProcess {
  /** Of the agents' listener; undefined while it is down, or another server is the active one. */
  readonly port: number | undefined
  /** What it wrote to its log. */
  readonly log: readonly string[]
  /** How it ended where nobody ended it. */
  readonly ends: readonly string[]
  /** Path of the socket on which it answers operators. */
  readonly socket: string
  /** Starts it, if it is down. Resolves when it listens, or has ended. */
  start(): Promise<void>
  /** As `kill -9` does. */
  kill(): Promise<void>
  /** As `systemctl stop` does. */
  stop(): Promise<void>
  /** As `kill -9` does, for good. */
  close(): Promise<void>
}

/**
 * `program`: as `bundleServer` made it. One that ends since it is not the active server any more is started again, as systemd
 * does.
 */
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
    if (child !== undefined) return
    const own = next
    next = load()
    child = own
    const ended = once(own, 'close').then(([code, signal]) => {
      if (child !== own) return
      child = undefined
      port = undefined
      const last = log.slice(-3).join('')
      if (isDeposed.test(last)) void start()
      else ends.push(`the server ended by itself, ${signal ?? code}: ${last}`)
    })
    own.on('message', ({ phase, port: at }: Heard) => {
      if (child === own) port = phase === 'active' ? at : undefined
    })
    const late = AbortSignal.timeout(patience)
    const began = once(own, 'message', { signal: late })
    // where it ends first, nobody waits for this one
    began.catch(() => undefined)
    own.send(given)
    await Promise.race([began, ended])
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const own = child
    child = undefined
    port = undefined
    if (own !== undefined) await endedBy(own, signal)
  }
  return {
    get port() {
      return port
    },
    log,
    ends,
    socket: given.config.operators.socket,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    close: async () => {
      await end('SIGKILL')
      await endedBy(next, 'SIGKILL')
    }
  }
}

const isDeposed = /this server is not the active one any more, it ends/

const endedBy = async (child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
  child.kill(signal)
  await gone
}
