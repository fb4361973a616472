import { setTimeout as sleep } from 'node:timers/promises'
import type { SocketClient } from '@joinery/cli/testing/session'
import type { Enrolment } from '@joinery/protocol'
import { waitFor } from '../../cluster/bed/wait-for.ts'
import { minutes } from '../../cluster/product.ts'
import { keepUp } from '../../cluster/servers/keep-up.ts'
import { type Figure, round, spread } from '../figure.ts'
import type { ApiProbeCalls, Probed } from '../inside/api-probe.ts'
import type { Joiner, JoinersCalls } from '../inside/joiners.ts'
import type { Size } from '../size.ts'
import { newCodes, openBedStage, operate, untilWritten } from './bed-stage.ts'
import { componentMetrics, histogramQuantile, type Sample, sum } from './component-metrics.ts'

const kubeconfig = '/etc/kubernetes/admin.conf'
/** An operator who approves by a script, as with `xargs -P`. */
const lanes = 8

/**
 * As many approvals as can be at once, with `store: cluster`, on a real API server: how soon every certificate request is decided, and what
 * others feel at the API server meanwhile. Needs root and Go.
 */
export const approvals = async ({ machines = 2000 }: Size): Promise<Figure[]> => {
  await using stage = await openBedStage()
  const { bed, servers, authority } = stage
  const [server] = servers.all as [(typeof servers.all)[number]]
  await server.start()
  await servers.untilActive()
  const crowd = stage.start<JoinersCalls>('joiners')
  const probe = stage.start<ApiProbeCalls>('api-probe')
  await crowd.call('wait', server.port, authority, await newCodes(stage, server, machines), kubeconfig)
  await untilWritten(server)
  // they have waited for a while: the operator sees all of them in Kubernetes
  const views = async () => sum((await componentMetrics(bed)).api, 'apiserver_request_total', ...madeViews)
  await waitFor('all machines to be shown', views, (shown) => shown >= machines, 5 * minutes, 1000)

  const items = (await server.ask((operator) => operator.list())).items
  await probe.call('start', kubeconfig)
  const before = await componentMetrics(bed)
  const begun = process.hrtime.bigint()
  const called = new Map<string, bigint>()
  await using upkeep = keepUp([server])
  await operate(
    stage,
    server,
    items,
    async (operator, shown) => {
      called.set(shown.id, process.hrtime.bigint())
      await approveUntilDone(operator, shown)
    },
    lanes
  )
  const approved = process.hrtime.bigint()
  const joiners = await untilDecided(() => crowd.call('joiners'))
  const probed = await probe.call('stop')
  const after = await componentMetrics(bed)
  return [
    decidedFigure({ joiners, begun, approved, ends: upkeep.ends, kubernetes: bed.kubernetes }),
    apiFigure(probed, [before.api, after.api], machines),
    waysFigure(joiners, called)
  ]
}

/** As an operator does, and again if the server was away. */
const approveUntilDone = async (operator: SocketClient, shown: Pick<Enrolment, 'id' | 'revision' | 'key'>) => {
  const { id, revision, key } = shown
  for (let tries = 1; ; tries += 1) {
    try {
      if (tries > 1 && (await operator.show(id)).state !== 'pending') return
      await operator.approve(id, { revision, key })
      return
    } catch (error) {
      if (tries === 60) throw error
      await sleep(1000)
    }
  }
}

const madeViews = [/resource="enrolments"/, /verb="POST"/, /code="201"/]

const untilDecided = async (look: () => Promise<Joiner[]>): Promise<Joiner[]> => {
  const counted = async () => {
    const joiners = await look()
    const left = joiners.filter(({ decidedAt }) => decidedAt === undefined).length
    return { left, broken: joiners.find((joiner) => joiner.broken !== undefined)?.broken }
  }
  const isOver = ({ left, broken }: Awaited<ReturnType<typeof counted>>) => left === 0 || broken !== undefined
  const { broken } = await waitFor('every certificate request to be decided', counted, isOver, 5 * minutes, 500)
  if (broken !== undefined) throw new Error(`a machine goes on no more: ${broken}`)
  return look()
}

interface Decided {
  joiners: readonly Joiner[]
  /** When the first approval was called, and when the last one was answered. */
  begun: bigint
  approved: bigint
  /** How often the pairing server ended by itself. */
  ends: number
  kubernetes: string
}

const decidedFigure = ({ joiners, begun, approved, ends, kubernetes }: Decided): Figure => {
  const last = (of: (joiner: Joiner) => bigint | undefined): bigint =>
    joiners.reduce((latest, joiner) => (latest > (of(joiner) ?? 0n) ? latest : (of(joiner) ?? 0n)), 0n)
  const [asked, decided] = [last(({ askedAt }) => askedAt), last(({ decidedAt }) => decidedAt)]
  const whole = milliseconds(begun, decided)
  // the watch may be faster than the answer
  const each = joiners.map(({ askedAt, decidedAt }) => Math.max(0, milliseconds(askedAt, decidedAt)))
  return {
    name: `${joiners.length} approvals, all CSRs decided`,
    measured:
      `${seconds(whole)} after the first approval; ${seconds(Math.max(0, milliseconds(asked, decided)))} after the last CSR; ` +
      `each ${spread(each)} after it was made; approved within ${seconds(milliseconds(begun, approved))}, ` +
      `the last CSR made after ${seconds(milliseconds(begun, asked))}; the server lost its Lease ${ends} times; Kubernetes ${kubernetes}`
  }
}

/** By who asks at a fixed pace, and by the API server's own time for each verb but watches. */
const apiFigure = (probed: readonly Probed[], looks: readonly [Sample[], Sample[]], machines: number): Figure => {
  const took = probed.map((one) => one.took)
  const failed = probed.filter(({ status }) => status !== 200).length
  const own = (...verbs: RegExp[]) =>
    histogramQuantile(looks, 'apiserver_request_duration_seconds', 0.99, ...verbs, notLong) * 1000
  const verbs = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'LIST']
  const byVerb = verbs.map((verb) => `${verb} ${milli(own(new RegExp(`verb="${verb}"`)))}`)
  const all = own()
  return {
    name: `API server meanwhile (${machines})`,
    measured:
      `small requests of another ${spread(took)}, longest ${round(Math.max(...took))} ms, ${failed} of ${took.length} failed; ` +
      `p99 by its own time: all ${milli(all)}, ${byVerb.join(', ')}`
  }
}

/** Not those that are meant to last. */
const notLong = /^(?!.*verb="(WATCH|CONNECT)")/

const milli = (value: number): string => (Number.isNaN(value) ? 'none' : `${round(value)} ms`)

const waysFigure = (joiners: readonly Joiner[], called: ReadonlyMap<string, bigint>): Figure => {
  const heard = joiners.map(({ id, heardAt }) => milliseconds(called.get(id), heardAt))
  const claimed = joiners.map(({ heardAt, claimedAt }) => milliseconds(heardAt, claimedAt))
  const later = joiners.reduce((total, joiner) => total + joiner.later, 0)
  return {
    name: 'the way of each machine there',
    measured:
      `approval to its machine ${spread(heard)}; claim ${spread(claimed)}; ${later} answers to come again later; ` +
      `${lanes} approvals at a time`
  }
}

const milliseconds = (from = 0n, to = 0n): number => Number(to - from) / 1e6
const seconds = (value: number): string => `${round(value / 1000)} s`
