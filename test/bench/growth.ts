import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { connect } from '@joinery/cli/testing/session'
import { operatorRoutes, type Route } from '@joinery/protocol'
import { Client } from 'undici'
import { type Figure, round, spread } from './figure.ts'
import type { GrowthApiCalls } from './inside/growth-api.ts'
import { growth } from './inside/growth-plan.ts'
import type { GrowthServerCalls } from './inside/growth-server.ts'
import { forgetPeak, processFigures } from './process-figures.ts'
import { cores, packagedOptions, scratch } from './stage.ts'
import { startWorker } from './worker.ts'

/** Two sweeps and two rounds of the first heartbeats, in seconds. */
const warm = 90
const measured = 180

/** What a server costs that has let in thousands, and with whom many came and went: nobody joins, and each kubelet lives. */
export const growthOf = async (): Promise<Figure[]> => {
  const folder = await mkdtemp(join(scratch, 'joinery-bench-'))
  const api = startWorker<GrowthApiCalls>('growth-api', cores.others, join(folder, 'api.log'))
  const log = join(folder, 'server.log')
  const server = startWorker<GrowthServerCalls>('growth-server', cores.server, log, {}, await packagedOptions())
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
    await forgetPeak(server.pid)
    const { rss } = await server.call('usage')
    await server.call('watchTurns')
    const command = await timeOf(() => runList(socket))
    const [rows, whole] = [await drain(socket, operatorRoutes.listRows), await drain(socket, operatorRoutes.list)]
    const lists = await processFigures(server.pid)
    const { longest: longestOfLists } = await server.call('turns')
    const added = (lists.peak - rss) / 1e6
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
      },
      {
        name: `list of all ${growth.nodes + growth.ended}`,
        measured: `${round(command)} ms with the start of the command; by itself rows ${rows}, whole ${whole}; turns of at most ${round(longestOfLists)} ms`,
        judged: { 'list-of-all': command / 1000 }
      },
      {
        name: 'memory of lists of all',
        measured: `${round(added)} MB`,
        judged: { 'memory-of-a-list': added }
      }
    ]
  } finally {
    await server.end()
    await api.end()
    await rm(folder, { recursive: true })
  }
}

/** In milliseconds. */
const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** `joinery list` as an operator types it. */
const runList = (socket: string): Promise<unknown> =>
  promisify(execFile)(process.execPath, [...process.execArgv, commandFile, 'list', '--socket', socket], {
    maxBuffer: 2 ** 30
  })

const commandFile = join(import.meta.dirname, '../../packages/cli/src/main.ts')

/** Reads a list to its end, as a script does that asks for no pages. */
const drain = async (socketPath: string, { path }: Route): Promise<string> => {
  const client = new Client('http://joinery-server', { socketPath })
  let bytes = 0
  const time = await timeOf(async () => {
    const { body } = await client.request({ method: 'GET', path })
    for await (const chunk of body) bytes += chunk.length
  })
  await client.close()
  return `${round(time)} ms, ${round(bytes / 1e6)} MB`
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
