import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../cluster/bed/wait-for.ts'
import { minutes } from '../../cluster/product.ts'
import type { OneServer } from '../../cluster/servers/three-servers.ts'
import { type Figure, median, round } from '../figure.ts'
import type { BareJoinsCalls } from '../inside/bare-joins.ts'
import type { JoinersCalls } from '../inside/joiners.ts'
import type { Size } from '../size.ts'
import { type BedStage, newCodes, openBedStage, operate } from './bed-stage.ts'
import { type ComponentTimes, components, componentTimes } from './component-times.ts'
import { moveStore, type Place, setStore, stores } from './stores.ts'

const rounds = 5
/** Machines that join at once without Joinery, and approvals at once with it. */
const lanes = 8
/** In milliseconds: what a component does anyway is looked at for so long, and what follows a join has so long to end. */
const rest = 15_000
const kubeconfig = '/etc/kubernetes/admin.conf'
/** Tokens of this group are those whose machines the controller manager lets in by itself, as kubeadm sets it up. */
const stockGroup = 'system:bootstrappers:kubeadm:default-node-token'

const sides = ['bare', ...stores] as const
type Side = (typeof sides)[number]

/**
 * Processor time that one join costs a control plane, beside a join by bootstrap token alone that the controller manager approves: the same
 * kubelets, in turn, on the same API server. The policies of `setup` are there for both. Needs root and Go.
 */
export const joins = async ({ machines = 400 }: Size): Promise<Figure[]> => {
  await using stage = await openBedStage()
  const [server] = stage.servers.all as [OneServer]
  await setStore(stage, server, 'file')
  let at: Place = 'file'
  const found: Record<Side, ComponentTimes[]> = { bare: [], file: [], cluster: [] }
  for (let turn = 1; turn <= rounds; turn += 1) {
    for (const side of sides) {
      if (side !== 'bare') {
        if (side !== at) await moveStore(stage, server, side)
        at = side
        await server.start()
        await stage.servers.untilActive()
      }
      const join = (count: number) => (side === 'bare' ? bareJoins(stage, count) : joinsOf(stage, server, count))
      // what is measured is neither a compiler nor an empty cache
      await join(Math.ceil(machines / 4))
      const cost = await costOf(stage, () => join(machines), machines)
      if (side !== 'bare') {
        await retire(stage, server)
        await server.signal('SIGTERM')
      }
      await clear(stage)
      found[side].push(cost)
      process.stderr.write(`round ${turn} of ${rounds}, ${side}: ${words(cost)} for a join\n`)
    }
  }
  return figures(found, machines, stage.bed.kubernetes)
}

const bareJoins = async (stage: BedStage, machines: number): Promise<void> => {
  const crowd = stage.start<BareJoinsCalls>('bare-joins')
  await crowd.call('join', machines, lanes, kubeconfig, stockGroup)
  await crowd.end()
}

const joinsOf = async (stage: BedStage, server: OneServer, machines: number): Promise<void> => {
  const crowd = stage.start<JoinersCalls>('joiners')
  await crowd.call('join', server.port, stage.authority, await newCodes(stage, server, machines), kubeconfig)
  const { items } = await server.ask((operator) => operator.list({ state: ['pending'] }))
  await operate(
    stage,
    server,
    items,
    (operator, { id, revision, key }) => operator.approve(id, { revision, key }),
    lanes
  )
  const look = async () => {
    const joiners = await crowd.call('joiners')
    const broken = joiners.find((joiner) => joiner.broken !== undefined)?.broken
    if (broken !== undefined) throw new Error(`a machine goes on no more: ${broken}`)
    return joiners.filter(({ readyAt }) => readyAt !== undefined).length
  }
  await waitFor('every machine to be ready', look, (ready) => ready === machines, 10 * minutes, 1000)
  await crowd.end()
}

/** What each component took for one of these joins, less what it takes anyway. */
const costOf = async ({ bed }: BedStage, join: () => Promise<void>, machines: number): Promise<ComponentTimes> => {
  const look = async () => ({ at: performance.now(), times: await componentTimes(bed) })
  const first = await look()
  await sleep(rest)
  const second = await look()
  await join()
  await sleep(rest)
  const third = await look()
  const idle = (third.at - second.at) / (second.at - first.at)
  return Object.fromEntries(
    components.map((name) => {
      const anyway = (second.times[name] - first.times[name]) * idle
      return [name, (third.times[name] - second.times[name] - anyway) / machines]
    })
  ) as ComponentTimes
}

/** Removes all machines, so that the next round has none to settle. */
const retire = async (stage: BedStage, server: OneServer): Promise<void> => {
  const { items } = await server.ask((operator) => operator.list({ state: ['ready'] }))
  await operate(stage, server, items, (operator, { id }) => operator.remove(id), lanes)
  const nodes = async () => (await stage.bed.kubectl('get', 'nodes', `--selector=${joined}`, '--output=name')).trim()
  await waitFor('the Nodes to be deleted', nodes, (names) => names === '', 10 * minutes, 2000)
}

/** Label selector of the Nodes that joined. */
const joined = '!node-role.kubernetes.io/control-plane'

/** Takes away what the machines left. */
const clear = async ({ bed }: BedStage): Promise<void> => {
  // each a request of its own would be minutes
  const all = [
    `/api/v1/nodes?labelSelector=${encodeURIComponent(joined)}`,
    '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
    '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    `/api/v1/namespaces/kube-system/secrets?fieldSelector=${encodeURIComponent('type=bootstrap.kubernetes.io/token')}`
  ]
  for (const path of all) await bed.kubectl('delete', '--raw', path)
}

const whole = (times: ComponentTimes): number => components.reduce((total, name) => total + times[name], 0)

const words = (times: ComponentTimes): string =>
  `${round(whole(times))} ms (${components.map((name) => `${name} ${round(times[name])}`).join(', ')})`

const figures = (found: Record<Side, ComponentTimes[]>, machines: number, kubernetes: string): Figure[] => {
  const typical = (side: Side) =>
    Object.fromEntries(components.map((name) => [name, median(found[side].map((one) => one[name]))])) as ComponentTimes
  const ratios = (place: Place) => found[place].map((cost, turn) => whole(cost) / whole(found.bare[turn] ?? cost))
  return [
    {
      name: 'join by a bootstrap token alone',
      measured: `${words(typical('bare'))}; medians of ${rounds} rounds of ${machines}; Kubernetes ${kubernetes}`
    },
    ...stores.map((place): Figure => {
      const all = ratios(place)
      return {
        name: `join with Joinery, store: ${place}`,
        measured: `${words(typical(place))}; ratio ${median(all).toFixed(2)} (${all.map((one) => one.toFixed(2)).join(', ')})`,
        judged: place === 'file' ? { 'join-beside-a-bare-one': median(all) } : {}
      }
    })
  ]
}
