import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@joinery/cli/testing/session'
import { type Figure, round, spread } from './figure.ts'
import type { GrowthApiCalls } from './inside/growth-api.ts'
import { growth } from './inside/growth-plan.ts'
import type { GrowthServerCalls } from './inside/growth-server.ts'
import { processFigures } from './process-figures.ts'
import { cores, scratch } from './stage.ts'
import { startWorker } from './worker.ts'

/** Two sweeps and two rounds of the first heartbeats, in seconds. */
const warm = 90
const measured = 180

/** What a server costs that has let in thousands, and with whom many came and went: nobody joins, and each kubelet lives. */
export const growthOf = async (): Promise<Figure[]> => {
  const folder = await mkdtemp(join(scratch, 'joinery-bench-'))
  const api = startWorker<GrowthApiCalls>('growth-api', cores.others, join(folder, 'api.log'))
  const server = startWorker<GrowthServerCalls>('growth-server', cores.server, join(folder, 'server.log'))
  try {
    const socket = await server.call('start', folder, await api.call('start'))
    await server.call('watchTurns')
    await sleep(warm * 1000)
    const first = await server.call('turns')
    await server.call('watchTurns')
    const before = await server.call('usage')
    await sleep(measured * 1000)
    const after = await server.call('usage')
    const { longest, passes } = await server.call('turns')
    const { peak } = await processFigures(server.pid)
    const cpu = (after.cpu - before.cpu) / measured / 10
    const pages = await timesOfPages(socket)
    const what = `${growth.nodes} ready, ${growth.ended} ended, ${growth.csrs} CSRs`
    return [
      {
        name: 'CPU of a server that has grown',
        measured: `${cpu.toFixed(2)} % of a core, ${passes} passes in ${measured} s; ${what}`,
        judged: { 'cpu-of-one-that-has-grown': cpu }
      },
      {
        name: 'longest turn of its event loop',
        measured: `${round(longest)} ms; after its start ${round(first.longest)} ms`,
        judged: { 'longest-turn': longest }
      },
      {
        name: 'memory of it',
        measured: `at most ${round(peak / 1e6)} MB, in the end ${round(after.rss / 1e6)} MB`
      },
      {
        name: 'list of one page of 100',
        measured: spread(pages)
      }
    ]
  } finally {
    await server.end()
    await api.end()
    await rm(folder, { recursive: true })
  }
}

/** In milliseconds. */
const timesOfPages = async (socket: string): Promise<number[]> => {
  const operator = connect(socket)
  const times: number[] = []
  let next: string | undefined
  while (times.length < 20) {
    const from = performance.now()
    const { metadata } = await operator.list({ limit: '100', ...(next !== undefined && { continue: next }) })
    times.push(performance.now() - from)
    next = metadata?.continue
  }
  await operator.close()
  return times
}
