import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

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
