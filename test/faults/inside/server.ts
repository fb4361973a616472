import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Budgets, budgets, Clock, Log, Monotonic, makeLog, systemRandom } from '@joinery/server/testing/base'
import type { ServerConfig } from '@joinery/server/testing/config'
import {
  clusterObjects,
  createContainer,
  endDeposed,
  type Running,
  serve,
  systemClocks
} from '@joinery/server/testing/program'
import { Pacemaker, Reconciler } from '@joinery/server/testing/reconcile'
import {
  HeadSight,
  logKeysOf,
  openClusterStore,
  requireFollower,
  runOnCluster,
  seenHeadFile
} from '@joinery/server/testing/servers'
import { takeState } from '@joinery/server/testing/store'
import { type FastTime, fastClocks, hurryTimers, pace } from '../fast-time.ts'
import { remoteCluster } from './remote-cluster.ts'

export interface Given {
  config: ServerConfig
  /** Socket of the `ClusterDoor`. */
  cluster: string
  time: FastTime
}

/** What it sends to its parent: its port, and whether it serves there or only stands by. */
export interface Heard {
  phase: 'standby' | 'active'
  port: number
}

/**
 * As `joinery-server run`, but by fast time and with the cluster of another process: once it is told how. Says where it listens, ends in
 * good order at SIGTERM, and at once with its parent.
 */
const run = async (given: Given): Promise<void> => {
  const { config } = given
  hurryTimers()
  const taken = takeState(config.state)
  // the process has it to its end, and not only until a collection of garbage
  process.once('exit', () => taken.release())
  const stop = new AbortController()
  const serving = config.store === 'cluster' ? runShared(given, stop.signal) : runAlone(given)
  process.once('SIGTERM', async () => {
    stop.abort()
    await (await serving)?.close()
    process.exit(0)
  })
  await serving
}

const heard = (phase: Heard['phase'], port: number): void => void process.send?.({ phase, port } satisfies Heard)

const runAlone = async (given: Given): Promise<Running> => {
  const { cluster, config, time } = given
  const container = await createContainer(config, remoteCluster(cluster, fastClocks(time).clock))
  const running = await serve(hurried(container, given), config)
  heard('active', running.port)
  return running
}

/** One of several servers. Its Lease and its log go by the time of the host: calls to the API server take as long as ever. */
const runShared = async (given: Given, stop: AbortSignal): Promise<Running | undefined> => {
  const { cluster, config, time } = given
  const { state } = config
  const { clock, monotonic } = fastClocks(time)
  const { lease, presences, log: objects } = clusterObjects(join(state, 'kubeconfig'))
  const log = makeLog()
  const common = { config, budgets, clock, log, monotonic }
  const inTime = (milliseconds: number, signal: AbortSignal) =>
    sleep(milliseconds, undefined, { signal }).catch(() => undefined)
  const keys = await logKeysOf(state)
  const known = requireFollower(state)
  const sight = new HeadSight({ objects, keys, file: seenHeadFile(state), known, sleep: inTime, log })
  await sight.begin()
  return runOnCluster(
    {
      ...common,
      lease,
      presences,
      sight,
      keys,
      openStore: (leading) => openClusterStore({ ...leading, ...common, objects, sight, random: systemRandom }),
      makeContainer: async (store) =>
        hurried(await createContainer(config, remoteCluster(cluster, clock), undefined, () => store), given),
      clocks: systemClocks,
      sleep: inTime,
      endDeposed,
      heard
    },
    stop
  )
}

/** The container of a server that goes by fast time. */
const hurried = (container: Awaited<ReturnType<typeof createContainer>>, { time }: Given): typeof container => {
  const { clock, monotonic } = fastClocks(time)
  container.register(Clock, { useValue: clock })
  container.register(Monotonic, { useValue: monotonic })
  container.register(Budgets, {
    useValue: { ...budgets, handshakes: slower('handshakes'), keepAlive: slower('keepAlive') }
  })
  // a pass takes the processor as long as ever
  const rests = { rest: budgets.passes.rest * 30, idleRest: budgets.passes.idleRest * 3 }
  const pacemaker = new Pacemaker(container.resolve(Reconciler), container.resolve(Log), rests)
  container.register(Pacemaker, { useValue: pacemaker })
  return container
}

/** So does a handshake. */
const slower = <Name extends 'handshakes' | 'keepAlive'>(name: Name): (typeof budgets)[Name] => {
  const times = Object.entries(budgets[name]).map(([key, value]) => [key, counts.includes(key) ? value : value * pace])
  return Object.fromEntries(times)
}
const counts = ['stepsInTurn', 'bytes']

process.on('disconnect', () => process.exit())
process.once('message', run)
