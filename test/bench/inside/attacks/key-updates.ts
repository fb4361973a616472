import { type RawTls, rawTls } from '@joinery/testing/requests/raw-tls'
import { count, enemyAddress, type StartAttack } from './attack.ts'
import { pace } from './pace.ts'

const connections = 12
/** Changes of keys a second, and in one piece. */
const rate = 20_000
const piece = 500
/** Bytes that may lie here because the server does not read. */
const backlog = 1_000_000

/** A stranger without a certificate changes the keys of its connections again and again, and asks for a change each time. */
export const keyUpdates: StartAttack = ({ port }, tally, stop) => {
  const open = new Set<RawTls>()
  let opening = 0
  const connect = async () => {
    opening += 1
    const raw = await rawTls(port, { localAddress: enemyAddress }).finally(() => {
      opening -= 1
    })
    count(tally, 'connections')
    if (stop.aborted) return void raw.tcp.destroy()
    open.add(raw)
    raw.tls.resume().once('close', () => {
      raw.tcp.destroy()
      open.delete(raw)
    })
  }
  pace(rate / piece, stop, (due) => {
    for (let left = connections - open.size - opening; left > 0; left -= 1)
      void connect().catch(() => count(tally, 'errors'))
    const ready = [...open].filter(({ tcp }) => tcp.writableLength < backlog).slice(0, due)
    for (const raw of ready) {
      raw.tcp.write(Buffer.concat(Array.from({ length: piece }, () => raw.write.keyUpdate({ requested: true }))))
      // the next piece is for another one
      open.delete(raw)
      open.add(raw)
      count(tally, 'changes of keys', piece)
    }
  })
  stop.addEventListener('abort', () => {
    for (const { tcp } of open) tcp.destroy()
  })
  return { stands: Promise.resolve() }
}
