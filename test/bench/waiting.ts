import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@joinery/cli/testing/session'
import { type Figure, median, round, spread } from './figure.ts'
import type { LoadCalls, Waiter } from './inside/load.ts'
import { cores, openStage, type Stage } from './stage.ts'
import type { Worker } from './worker.ts'

const waiting = 5000
/** Two rounds of the long poll, in seconds: every agent asks twice. */
const idle = 100
const releases = 5

/** Thousands of agents that wait for approval: what they cost, and how soon they know. */
export const waitingAgents = async (): Promise<Figure[]> => {
  await using stage = await openStage()
  const { server, address } = stage
  const load = stage.start<LoadCalls>('load', cores.others)
  // what a server needs to serve at all is not counted to those who wait
  await load.call('prepare', 1000, address.authority)
  await load.call('enrol', address.port, await server.call('codes', 1000), 32)

  await load.call('prepare', waiting, address.authority)
  const codes = await server.call('codes', waiting)
  const before = await server.call('usage')
  await load.call('wait', address.port, codes)
  await sleep(1000)
  const start = await server.call('usage')
  await sleep(idle * 1000)
  const end = await server.call('usage')
  const each = (end.rss - before.rss) / waiting / 1000
  const cpu = (end.cpu - start.cpu) / idle / 10

  const released: number[][] = []
  while (released.length < releases) released.push(await changeAll(stage, load))
  const last = median(released.map((times) => Math.max(...times)))
  const approvals = await approveAll(stage, load)
  return [
    {
      name: `memory of ${waiting} that wait`,
      measured: `${round(each)} KB each; server ${round(before.rss / 1e6)} MB before, ${round(end.rss / 1e6)} MB with them`,
      judged: { 'memory-of-one-that-waits': each }
    },
    {
      name: `CPU of the server while ${waiting} wait`,
      measured: `${cpu.toFixed(2)} % of a core, each asks every 50 s`,
      judged: { 'cpu-while-agents-wait': cpu }
    },
    {
      name: `one change releases ${waiting}`,
      measured: `${round((waiting / last) * 1000)} /s: all after ${round(last)} ms (median of ${releases}); ${spread(released.flat())}`,
      judged: { 'released-by-one-change': (waiting / last) * 1000 }
    },
    {
      name: `${waiting} approvals, one by one`,
      measured: `from the operator's call to the agent's answer: ${spread(approvals.latencies)}; ${round(approvals.rate)} approvals/s`
    }
  ]
}

/** Changes every enrolment in one commit; gives the milliseconds until each agent knew. */
const changeAll = async ({ server }: Stage, load: Worker<LoadCalls>): Promise<number[]> => {
  const known = new Map((await load.call('waiters')).map(({ id, revision }) => [id, revision]))
  const committed = await server.call('changeAll')
  const waiters = await whenAll(load, ({ id, revision }) => revision > (known.get(id) ?? 0))
  return waiters.map(({ at }) => milliseconds(committed, at))
}

/** An operator approves all of them, each by a call of its own. */
const approveAll = async ({ address }: Stage, load: Worker<LoadCalls>) => {
  const operator = connect(address.socket)
  const called = new Map<string, bigint>()
  const waiting = new Set((await load.call('waiters')).map(({ id }) => id))
  const before = performance.now()
  for (const { id, revision, key } of (await operator.list()).items.filter((enrolment) => waiting.has(enrolment.id))) {
    called.set(id, process.hrtime.bigint())
    await operator.approve(id, { revision, key })
  }
  const elapsed = performance.now() - before
  await operator.close()
  const waiters = await whenAll(load, ({ id, at }) => (at ?? 0n) > (called.get(id) ?? 0n))
  return {
    latencies: waiters.map(({ id, at }) => milliseconds(called.get(id), at)),
    rate: (called.size / elapsed) * 1000
  }
}

/** Until this holds for every agent that waits; gives what they know. */
const whenAll = async (load: Worker<LoadCalls>, holds: (waiter: Waiter) => boolean): Promise<Waiter[]> => {
  for (;;) {
    const waiters = await load.call('waiters')
    const broken = waiters.find((waiter) => waiter.broken !== undefined)
    if (broken !== undefined) throw new Error(`an agent waits no more: ${broken.broken}`)
    if (waiters.every(holds)) return waiters
    await sleep(500)
  }
}

const milliseconds = (from = 0n, to = 0n): number => Number(to - from) / 1e6
