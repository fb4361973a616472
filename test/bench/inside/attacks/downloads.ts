import { readFile } from 'node:fs/promises'
import type { TLSSocket } from 'node:tls'
import { packagePath, serverName } from '@joinery/protocol'
import { connectFrom } from '../loopback.ts'
import { count, enemyAddress, type StartAttack } from './attack.ts'
import { pace } from './pace.ts'

const wanted = 400
/** New ones a second. */
const rate = 100
/** Bytes in a page of memory, in which the kernel counts. */
const page = 4096

/** A stranger without a certificate fetches the agent's package as often as it can, and reads nothing of it. */
export const downloads: StartAttack = ({ port, sha256 }, tally, stop) => {
  const open = new Set<TLSSocket>()
  const fetch = () => {
    const socket = connectFrom(enemyAddress, port, { rejectUnauthorized: false })
    open.add(socket)
    socket.on('error', () => count(tally, 'errors'))
    socket.on('close', () => open.delete(socket))
    socket.on('secureConnect', () => socket.write(`GET ${packagePath(sha256)} HTTP/1.1\r\nhost: ${serverName}\r\n\r\n`))
    socket.once('data', (head: Buffer) => {
      const status = head.toString('latin1', 9, 12)
      count(tally, status)
      if (status === '200') socket.pause()
      else socket.destroy()
    })
  }
  pace(rate, stop, (due) => {
    for (let left = Math.min(due, wanted - open.size); left > 0; left -= 1) fetch()
  })
  // what the kernel keeps is in no figure of the server's process
  const look = async () => {
    const [, pages] = /^TCP:.* mem (\d+)/m.exec(await readFile('/proc/net/sockstat', 'utf8')) ?? []
    tally['TCP MB'] = Math.max(tally['TCP MB'] ?? 0, Math.round((Number(pages) * page) / 1e6))
  }
  const looking = setInterval(() => void look(), 500)
  stop.addEventListener('abort', () => {
    clearInterval(looking)
    for (const socket of open) socket.destroy()
  })
  return { stands: Promise.resolve() }
}
