import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../cluster/bed/wait-for.ts'
import { minutes } from '../../cluster/product.ts'
import type { OneServer } from '../../cluster/servers/three-servers.ts'
import { type Figure, median, quantile, round, spread } from '../figure.ts'
import type { AgentCalls } from '../inside/agent.ts'
import type { Enrolled, LoadCalls } from '../inside/load.ts'
import type { MachineLivesCalls } from '../inside/machine-lives.ts'
import type { Size } from '../size.ts'
import type { Worker } from '../worker.ts'
import { type BedStage, newCodes, openBedStage, untilWritten } from './bed-stage.ts'
import { figureOfLives, lookAtWrites, type WritesOfLives, writesOf } from './life-writes.ts'
import { moveStore, type Place, setStore, stores } from './stores.ts'

interface Plan {
  rounds: number
  /** Enrolments of each round, and those before it: what is measured is not the compiler. */
  machines: number
  warm: number
  /** Machines of each round that are approved one by one. */
  approved: number
  /** Machines whose writes are counted, and the time of rest beside it, in milliseconds. */
  lives: number
  rest: number
}

const whole: Plan = { rounds: 5, machines: 600, warm: 100, approved: 30, lives: 10, rest: 20_000 }
const small = { rounds: 1, warm: 10, approved: 3, lives: 2, rest: 5_000 }
const lanes = 32

interface Round {
  enrolled: Enrolled
  /** Milliseconds from each approval to the start of kubeadm. */
  started: number[]
  /** In milliseconds: how long the store took to be moved here. */
  moved: number
}

interface Crew {
  load: Worker<LoadCalls>
  agent: Worker<AgentCalls>
  machines: Worker<MachineLivesCalls>
}

/**
 * What the log in the cluster costs beside a store in a file: enrolments, approvals, and what etcd has to write for one machine. The store
 * of one server is moved there and back, so both are measured in turn in one run, on a real API server and an etcd on the same
 * processors. Needs root and Go.
 */
export const clusterStore = async ({ machines }: Size): Promise<Figure[]> => {
  const plan: Plan = machines === undefined ? whole : { ...small, machines }
  await using stage = await openBedStage()
  const [server] = stage.servers.all as [OneServer]
  const crew: Crew = {
    load: stage.start('load'),
    agent: stage.start('agent'),
    machines: stage.start('machine-lives')
  }
  const found: Record<Place, Round[]> = { file: [], cluster: [] }
  const lived: Partial<Record<Place, WritesOfLives>> = {}
  await setStore(stage, server, 'file')
  for (let turn = 0; turn < plan.rounds; turn += 1) {
    for (const place of stores) {
      const moved = turn === 0 && place === 'file' ? 0 : await moveStore(stage, server, place)
      await server.start()
      await stage.servers.untilActive()
      const one = { ...(await oneRound(stage, server, crew, plan)), moved }
      found[place].push(one)
      process.stderr.write(`round ${turn + 1} of ${plan.rounds}, store: ${place}: ${round(rateOf(one))} enrolments/s\n`)
      if (turn === plan.rounds - 1) lived[place] = await liveThrough(stage, server, crew, plan)
      await server.signal('SIGTERM')
    }
  }
  const kubernetes = stage.bed.kubernetes
  return [
    enrolmentsFigure(found, plan, kubernetes),
    ...approvalFigures(found, kubernetes),
    ...stores.flatMap((place) => figureOfLives(`store: ${place}`, lived[place])),
    movesFigure(found)
  ]
}

const oneRound = async (
  stage: BedStage,
  server: OneServer,
  { load, agent }: Crew,
  { machines, warm, approved }: Plan
): Promise<Omit<Round, 'moved'>> => {
  const enrol = async (count: number): Promise<Enrolled> => {
    await load.call('prepare', count, stage.authority)
    const codes = await newCodes(stage, server, count)
    await untilQuiet(stage, server)
    return load.call('enrol', server.port, codes, lanes)
  }
  await enrol(warm)
  const enrolled = await enrol(machines)
  await untilQuiet(stage, server)
  const started: number[] = []
  for (const code of await newCodes(stage, server, approved)) {
    const name = await agent.call('join', { port: server.port, pin: stage.pin }, '/var/lib', code)
    // its question must have arrived: an answer that is there already is no news
    await sleep(100)
    await server.ask(async (operator) => {
      const { id, revision, key } = await operator.show(name)
      const called = process.hrtime.bigint()
      await operator.approve(id, { revision, key })
      started.push(Number((await agent.call('started')) - called) / 1e6)
    })
  }
  return { enrolled, started }
}

/** Waits until everything that was decided is written, to the log and for people. */
const untilQuiet = async (stage: BedStage, server: OneServer): Promise<void> => {
  await untilWritten(server)
  let before = -1
  await waitFor(
    'the last view to be written',
    async () => {
      const { own } = await lookAtWrites(stage, server)
      const isSame = own === before
      before = own
      return isSame
    },
    Boolean,
    2 * minutes,
    2000
  )
}

/** Counts what is written while some machines become Ready one after the other, and while nothing happens for a time. */
const liveThrough = async (
  stage: BedStage,
  server: OneServer,
  { machines }: Crew,
  { lives, rest }: Plan
): Promise<WritesOfLives> => {
  const kubeconfig = '/etc/kubernetes/admin.conf'
  const { authority } = stage
  const { port, socket } = server
  const live = async (count: number): Promise<void> => {
    await machines.call('live', { port, authority, socket, kubeconfig, machines: count })
    await untilQuiet(stage, server)
  }
  await live(1)
  const first = await lookAtWrites(stage, server)
  await sleep(rest)
  const second = await lookAtWrites(stage, server)
  await live(lives)
  return writesOf([first, second, await lookAtWrites(stage, server)], lives)
}

const rateOf = ({ enrolled }: Round): number => (enrolled.latencies.length / enrolled.elapsed) * 1000

const enrolmentsFigure = (found: Record<Place, Round[]>, { rounds, machines }: Plan, kubernetes: string): Figure => {
  const rates = (place: Place) => found[place].map(rateOf)
  const [file, cluster] = [rates('file'), rates('cluster')]
  const ratio = median(cluster.map((rate, round) => rate / (file[round] ?? Number.NaN)))
  const errors = stores.flatMap((place) => found[place].flatMap(({ enrolled }) => enrolled.errors))
  const latency = (place: Place) => spread(found[place].flatMap(({ enrolled }) => enrolled.latencies))
  return {
    name: 'enrolments with store: cluster',
    measured:
      `${round(median(cluster))} /s (${cluster.map(round).join(', ')}), ${latency('cluster')}; store: file ` +
      `${round(median(file))} /s, ${latency('file')}; median of ratios ${ratio.toFixed(2)}; ${rounds} rounds of ` +
      `${machines}, ${lanes} at a time; ${errors.length} errors; Kubernetes ${kubernetes}`,
    judged: { 'enrolments-of-the-cluster-store': ratio },
    spoilt: errors.length === 0 ? undefined : `${errors.length} errors`
  }
}

/** How soon after an approval kubeadm starts, with each store, and the one beside the other. */
const approvalFigures = (found: Record<Place, Round[]>, kubernetes: string): Figure[] => {
  const started = (place: Place) => found[place].flatMap((round) => round.started)
  const ratio = (q: number) => quantile(started('cluster'), q) / quantile(started('file'), q)
  return stores.map((place) => ({
    name: `approve to kubeadm, store: ${place}`,
    measured:
      `${spread(started(place))} (${started(place).length} machines, one by one)` +
      `${place === 'cluster' ? `; ratios ${ratio(0.5).toFixed(2)} and ${ratio(0.99).toFixed(2)}` : ''}; Kubernetes ${kubernetes}`,
    ...(place === 'cluster' && {
      judged: { 'approve-of-the-cluster-store': ratio(0.5), 'slowest-approve-of-the-cluster-store': ratio(0.99) }
    })
  }))
}

const movesFigure = ({ file, cluster }: Record<Place, Round[]>): Figure => {
  const took = (of: readonly Round[]) =>
    of.flatMap(({ moved }) => (moved === 0 ? [] : [`${round(moved / 1000)} s`])).join(', ') || 'none'
  return {
    name: 'store move, with ever more in it',
    measured: `into the cluster ${took(cluster)}; into the file ${took(file)}`
  }
}
