import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../cluster/bed/wait-for.ts'
import { minutes } from '../../cluster/product.ts'
import type { OneServer } from '../../cluster/servers/three-servers.ts'
import { type Figure, median, round, spread } from '../figure.ts'
import type { SeveralServersAgentsCalls } from '../inside/several-servers-agents.ts'
import type { Size } from '../size.ts'
import type { Worker } from '../worker.ts'
import { type BedStage, newCodes, openBedStage, operate, untilWritten } from './bed-stage.ts'

/**
 * Agents that wait at the active one of three real servers, which is killed: how soon each of them has an answer of the next one, and then
 * hears of its approval there. Needs root and Go.
 */
export const failover = async ({ machines = 2000 }: Size): Promise<Figure[]> => {
  await using stage = await openBedStage()
  const { bed, servers, pin } = stage
  for (const server of servers.all) await server.start()
  const active = await servers.untilActive()
  const others = servers.all.filter((server) => server !== active)
  const crowd = stage.start<SeveralServersAgentsCalls>('several-servers-agents')
  const urls: [string, ...string[]] = [active.url, ...others.map(({ url }) => url)]
  await crowd.call('wait', urls, pin, await newCodes(stage, active, machines))
  await untilWritten(active)
  await sleep(2000)

  const before = await crowd.call('usage')
  const killed = process.hrtime.bigint()
  const killedAt = Date.now()
  await active.signal('SIGKILL')
  const next = await firstActive(others)
  const tookOver = process.hrtime.bigint()
  const { leadership } = await next.ask((operator) => operator.status())
  const noticed = Date.parse(leadership?.since ?? '') - killedAt
  const isBack = ({ backAt }: { backAt?: bigint }): boolean => backAt !== undefined
  const back = await agentsWhen(crowd, isBack, 'every agent to be back')
  const { cpu } = await crowd.call('usage')
  const since = (from: bigint) => back.map(({ backAt = 0n }) => Number(backAt - from) / 1e6)
  const [fromKill, fromTakeOver] = [since(killed), since(tookOver)]
  const last = Math.max(...fromKill)
  return [
    {
      name: `${machines} agents go on after a kill, in a bed`,
      measured:
        `${spread(fromKill)}, first ${round(Math.min(...fromKill) / 1000)} s, last ${round(last / 1000)} s; another server took the ` +
        `Lease after ${round(noticed / 1000)} s, and was active after ${round(Number(tookOver - killed) / 1e9)} s; ` +
        `Kubernetes ${bed.kubernetes}`,
      judged: { 'agents-go-on': last / 1000 }
    },
    {
      name: 'the same from the take-over on',
      measured:
        `${spread(fromTakeOver)}; ${median(back.map(({ tries }) => tries))} tries each until then (median); ` +
        `the program of all agents took ${round((cpu - before.cpu) / 1000)} s of a core until all were back`
    },
    await approvedThere(stage, next, crowd)
  ]
}

type Crowd = Worker<SeveralServersAgentsCalls>

/** Looks often: what is measured follows from it. */
const firstActive = (servers: readonly OneServer[]): Promise<OneServer> =>
  waitFor(
    'another server to be active',
    () =>
      Promise.any(
        servers.map(async (server) => {
          await server.ask((operator) => operator.listCodes())
          return server
        })
      ),
    () => true,
    minutes,
    50
  )

/** Approves every one of them at the new active server, one after the other. */
const approvedThere = async (stage: BedStage, server: OneServer, crowd: Crowd): Promise<Figure> => {
  const { items } = await server.ask((operator) => operator.list())
  const called = new Map<string, bigint>()
  const begun = performance.now()
  await operate(
    stage,
    server,
    items,
    async (operator, { id, revision, key }) => {
      called.set(id, process.hrtime.bigint())
      await operator.approve(id, { revision, key })
    },
    1
  )
  const rate = items.length / ((performance.now() - begun) / 1000)
  const told = await agentsWhen(crowd, ({ newsAt }) => newsAt !== undefined, 'every agent to hear of its approval')
  const took = told.map(({ id, newsAt = 0n }) => Number(newsAt - (called.get(id) ?? 0n)) / 1e6)
  return {
    name: 'approvals at the new active server',
    measured:
      `from the operator's call to the agent: ${spread(took)}, last ${round(Math.max(...took))} ms; one by one, ` +
      `${round(rate)} approvals/s; all of ${told.length} heard`
  }
}

type Agents = Awaited<ReturnType<SeveralServersAgentsCalls['agents']>>

const agentsWhen = async (crowd: Crowd, holds: (agent: Agents[number]) => boolean, what: string): Promise<Agents> => {
  const left = async (): Promise<number> => (await crowd.call('agents')).filter((agent) => !holds(agent)).length
  await waitFor(what, left, (count) => count === 0, 3 * minutes, 500)
  return crowd.call('agents')
}
