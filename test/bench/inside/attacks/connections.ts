import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { serverName } from '@joinery/protocol'
import { connectFrom } from '../loopback.ts'
import { count, enemyAddress, type StartAttack } from './attack.ts'
import { pace } from './pace.ts'

const wanted = 10_000
/** New ones a second. */
const rate = 1000
/** Handshakes that wait for the server: with more of them it would be the server's own time-out that ends them. */
const atOnce = 500
/** How long it takes at most to have as many as there can be, and how long their number stands still then; milliseconds. */
const patience = { all: 25_000, standstill: 3000 }

/** A stranger without a certificate holds as many connections as it gets, each with one request; one that ends is replaced. */
export const connections: StartAttack = ({ port }, tally, stop) => {
  const held = new Set<TLSSocket>()
  const begun = new Set<TLSSocket>()
  const open = () => {
    const socket = connectFrom(enemyAddress, port, { rejectUnauthorized: false })
    begun.add(socket)
    socket.on('secureConnect', () => {
      begun.delete(socket)
      held.add(socket)
      count(tally, 'opened')
      tally.held = Math.max(tally.held ?? 0, held.size)
      socket.write(`GET / HTTP/1.1\r\nhost: ${serverName}\r\n\r\n`)
    })
    socket.on('error', () => count(tally, 'errors'))
    socket.on('close', () => {
      if (!begun.delete(socket)) held.delete(socket)
    })
    socket.resume()
  }
  pace(rate, stop, (due) => {
    const room = Math.min(due, atOnce - begun.size, wanted - held.size - begun.size)
    for (let opened = 0; opened < room; opened += 1) open()
  })
  stop.addEventListener('abort', () => {
    for (const socket of [...begun, ...held]) socket.destroy()
  })

  const full = async () => {
    const start = performance.now()
    let [most, since] = [0, start]
    while (held.size < wanted && performance.now() - start < patience.all) {
      if (held.size > most) [most, since] = [held.size, performance.now()]
      if (performance.now() - since > patience.standstill) return
      await sleep(100)
    }
  }
  return { stands: full() }
}
