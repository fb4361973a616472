import type { DependencyContainer } from 'tsyringe'
import { Clock } from './base/clock.ts'
import { Log } from './base/log.ts'
import { Random } from './base/random.ts'
import { Commits } from './commit/commits.ts'
import { Giving, TakingAway } from './credentials/cluster-guard.ts'
import { ClusterReading } from './ports/cluster/cluster-reading.ts'
import { Store } from './ports/store/store.ts'

/** The parts that nearly every other one has. */
export const common = (container: DependencyContainer) => ({
  store: container.resolve(Store),
  commits: container.resolve(Commits),
  cluster: container.resolve(ClusterReading),
  clock: container.resolve(Clock),
  random: container.resolve(Random),
  log: container.resolve(Log)
})

/** The parts that act on the cluster have these too. Whoever only reads it must not. */
export const acting = (container: DependencyContainer) => ({
  giving: container.resolve(Giving),
  takingAway: container.resolve(TakingAway)
})
