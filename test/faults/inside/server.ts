import { Budgets, budgets, Clock, Log, Monotonic } from '@joinery/server/testing/base'
import type { ServerConfig } from '@joinery/server/testing/config'
import { createContainer, serve } from '@joinery/server/testing/program'
import { Pacemaker, Reconciler } from '@joinery/server/testing/reconcile'
import { takeState } from '@joinery/server/testing/store'
import { type FastTime, fastClocks, hurryTimers, pace } from '../fast-time.ts'
import { remoteCluster } from './remote-cluster.ts'

export interface Given {
  config: ServerConfig
  /** Socket of the `ClusterDoor`. */
  cluster: string
  time: FastTime
}

/**
 * As `joinery-server run`, but by fast time and with the cluster of another process: once it is told how. Sends its port, and
 * ends with its parent.
 */
const run = async ({ config, cluster, time }: Given): Promise<void> => {
  hurryTimers()
  const taken = takeState(config.state)
  // the process has it to its end, and not only until a collection of garbage
  process.once('exit', () => taken.release())
  const { clock, monotonic } = fastClocks(time)
  const container = await createContainer(config, remoteCluster(cluster, clock))
  container.register(Clock, { useValue: clock })
  container.register(Monotonic, { useValue: monotonic })
  container.register(Budgets, {
    useValue: { ...budgets, handshakes: slower('handshakes'), keepAlive: slower('keepAlive') }
  })
  // a pass takes the processor as long as ever
  const rests = { rest: budgets.passes.rest * 30, idleRest: budgets.passes.idleRest * 3 }
  const pacemaker = new Pacemaker(container.resolve(Reconciler), container.resolve(Log), rests)
  container.register(Pacemaker, { useValue: pacemaker })
  const { port } = await serve(container, config)
  process.send?.(port)
}

/** So does a handshake. */
const slower = <Name extends 'handshakes' | 'keepAlive'>(name: Name): (typeof budgets)[Name] => {
  const times = Object.entries(budgets[name]).map(([key, value]) => [key, counts.includes(key) ? value : value * pace])
  return Object.fromEntries(times)
}
const counts = ['stepsInTurn', 'bytes']

process.on('disconnect', () => process.exit())
process.once('message', run)
