import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** The network between one agent and the pairing server. */
export interface Network {
  /** URL of the server for the agent. It stays when the server gets another port. */
  url: string
  /** Cuts every connection. */
  cut(): void
  /** Cuts every connection, and each new one, until `comeBack`. */
  goDown(): void
  comeBack(): void
  /**
   * Cuts the connection on which the server next says something, and loses what it says. Returns a function that tells
   * whether that has happened.
   */
  loseNextAnswer(): () => boolean
}

/** Opens the network. `port` is asked for the server's port at each connection. */
export const openNetwork = async (t: Test, port: () => number): Promise<Network> => {
  const open = new Set<Socket>()
  let down = false
  let lose: (() => void) | undefined
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  const listener = createServer((near) => {
    if (down) return near.destroy()
    const far = connect(port(), '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near]
    ] as const) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
    near.pipe(far)
    far.on('data', (chunk) => {
      if (lose === undefined) return near.write(chunk)
      lose()
      lose = undefined
      near.destroy()
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => {
    cut()
    listener.close()
  })
  return {
    url: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cut,
    goDown: () => {
      down = true
      cut()
    },
    comeBack: () => {
      down = false
    },
    loseNextAnswer: () => {
      let isLost = false
      lose = () => {
        isLost = true
      }
      return () => isLost
    }
  }
}
