import { createSecureContext, type TLSSocket } from 'node:tls'
import { serverName } from '@joinery/protocol'
import { connectFrom } from '../loopback.ts'
import { count, enemyAddress, type StartAttack } from './attack.ts'
import { longChain } from './long-chain.ts'
import { pace } from './pace.ts'

const rate = 60

/** Connections that present a leaf and 35 issuers, all of which OpenSSL verifies before anybody may say no. */
export const chains: StartAttack = ({ port }, tally, stop) => {
  const secureContext = createSecureContext({ ...longChain(35), minVersion: 'TLSv1.3' })
  const open = new Set<TLSSocket>()
  pace(rate, stop, (due) => {
    for (let opened = 0; opened < due; opened += 1) {
      count(tally, 'connections')
      const socket = connectFrom(enemyAddress, port, { secureContext, rejectUnauthorized: false })
      open.add(socket)
      socket.on('error', () => count(tally, 'refused'))
      socket.on('close', () => open.delete(socket))
      socket.on('secureConnect', () =>
        socket.write(`GET / HTTP/1.1\r\nhost: ${serverName}\r\nconnection: close\r\n\r\n`)
      )
      // the server has verified it by then, or would not
      socket.on('data', () => {
        count(tally, 'answered')
        socket.destroy()
      })
    }
  })
  stop.addEventListener('abort', () => {
    for (const socket of open) socket.destroy()
  })
  return { stands: Promise.resolve() }
}
