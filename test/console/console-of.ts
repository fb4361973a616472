import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { run } from '@joinery/cli/testing/program'
import type { Test } from 'tap'

export interface RunningConsole {
  /** One-time link. */
  link: string
  /** Ends the command as Ctrl-C does, and gives its exit code. */
  end(): Promise<number>
}

/** Runs `joinery console` in this process, for the pairing server behind the socket. It ends with the test. */
export const runConsole = async (t: Test, socket: string, page: string): Promise<RunningConsole> => {
  const link = Promise.withResolvers<string>()
  let interrupt = (): void => {}
  const ended = run(['--socket', socket, 'console', '--no-open'], {
    out: () => {},
    err: () => {},
    colour: false,
    now: () => new Date(),
    // a look a second is for people; a test does not wait so long
    pause: (milliseconds) => setTimeout(Math.min(milliseconds, 100)),
    exec: async () => Promise.reject(new Error('no program is run')),
    deliver: async (text) => link.resolve(text.trim()),
    operator: 'alice (uid 1000)',
    onInterrupt: (told) => {
      interrupt = told
      return () => {}
    },
    page
  })
  const end = async (): Promise<number> => {
    interrupt()
    return ended
  }
  t.teardown(end)
  return { link: await link.promise, end }
}

export interface Wire {
  socket: string
  /** Cuts the wire, as if the server were gone. */
  cut(): Promise<void>
  mend(): Promise<void>
}

/** A wire to a socket that a test can cut. */
export const wireTo = async (t: Test, to: string): Promise<Wire> => {
  const socket = `${to}.wire`
  const ends = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(to)
    for (const end of [near, far]) {
      ends.add(end)
      end.on('error', () => {})
      end.on('close', () => {
        ends.delete(end)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  const mend = async (): Promise<void> => {
    rmSync(socket, { force: true })
    server.listen(socket)
    await once(server, 'listening')
  }
  const cut = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    for (const end of ends) end.destroy()
    await once(server, 'close')
  }
  await mend()
  t.teardown(cut)
  return { socket, cut, mend }
}
