import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import { fingerprint } from '@joinery/protocol'
import { type Bed, openBed } from '../../cluster/bed/bed.ts'
import { waitFor } from '../../cluster/bed/wait-for.ts'
import { minutes } from '../../cluster/product.ts'
import { type OneServer, type Servers, threeServers } from '../../cluster/servers/three-servers.ts'
import type { Calls } from '../inside/offer.ts'
import { startWorkerIn, type Worker } from '../worker.ts'

/** Pairing servers as they are built, beside a real API server and etcd. None of them runs yet. */
export interface BedStage extends AsyncDisposable {
  bed: Bed
  servers: Servers
  /** PEM of the CA of all servers, and its pin. */
  authority: string
  pin: string
  /** Starts a program of `inside/` in the bed. It ends with the stage. */
  start<C extends Calls>(program: string): Worker<C>
}

/** Opens a bed with three servers that are set up with `store: cluster`. Needs root, Go, and what `pnpm package` makes. */
export const openBedStage = async (): Promise<BedStage> => {
  const bed = await openBed()
  const workers: { end(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const worker of workers) await worker.end()
    await bed.close()
  }
  try {
    const servers = await threeServers(bed)
    const authority = await readFile(bed.hostPath(`${servers.all[0]?.state}/ca.crt`), 'utf8')
    return {
      bed,
      servers,
      authority,
      pin: fingerprint(new X509Certificate(authority).publicKey),
      start: (program) => {
        const worker = startWorkerIn<never>(bed, program)
        workers.push(worker)
        return worker
      },
      [Symbol.asyncDispose]: close
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Calls for each of these, `lanes` at a time: a connection to the socket takes one call at a time. */
export const operate = async <T, R>(
  { bed }: Pick<BedStage, 'bed'>,
  { socket }: Pick<OneServer, 'socket'>,
  items: readonly T[],
  call: (operator: SocketClient, item: T) => Promise<R>,
  lanes = 8
): Promise<R[]> => {
  const results: R[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    const operator = connect(bed.hostPath(socket))
    try {
      while (next < items.length) {
        const at = next
        next += 1
        results[at] = await call(operator, items[at] as T)
      }
    } finally {
      await operator.close()
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}

/** Makes codes that any machine may use. */
export const newCodes = async (stage: BedStage, server: OneServer, count: number): Promise<string[]> => {
  const each = Array.from({ length: count })
  const made = await operate(stage, server, each, (operator) => operator.createCode({ ttl: 3600 }))
  return made.map(({ code }) => code)
}

/** Waits until every document of the log is written. */
export const untilWritten = async (server: OneServer): Promise<void> => {
  const look = () => server.ask((operator) => operator.status())
  await waitFor('all documents to be written', look, ({ log }) => (log?.waiting ?? 0) === 0, 2 * minutes)
}
