import type { TLSSocket } from 'node:tls'
import { agentRoutes, serverName } from '@joinery/protocol'
import { connectFrom } from '../loopback.ts'
import { count, enemyAddress, type StartAttack } from './attack.ts'
import { pace } from './pace.ts'

const rate = 12_000
/** Bytes that may lie here because the server does not read. */
const backlog = 1_000_000

/** Long polls, one behind the other on one connection without waiting for an answer; a new connection where it is cut. */
export const polls: StartAttack = ({ port, identity, revision }, tally, stop) => {
  const poll = `GET ${agentRoutes.wait.path}?after=${revision}&wait=55 HTTP/1.1\r\nhost: ${serverName}\r\n\r\n`
  let socket: TLSSocket | undefined
  const open = () => {
    count(tally, 'connections')
    const opened = connectFrom(enemyAddress, port, { secureContext: identity, checkServerIdentity: () => undefined })
    opened.on('error', () => {})
    opened.on('close', () => {
      socket = undefined
    })
    opened.resume()
    return opened
  }
  pace(rate, stop, (due) => {
    socket ??= open()
    if (socket.writableLength > backlog) return count(tally, 'held back', due)
    socket.write(poll.repeat(due))
    count(tally, 'polls', due)
  })
  stop.addEventListener('abort', () => socket?.destroy())
  return { stands: Promise.resolve() }
}
