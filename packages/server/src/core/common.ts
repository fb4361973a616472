import type { DependencyContainer } from 'tsyringe'
import { Clock } from './base/clock.ts'
import { Log } from './base/log.ts'
import { Random } from './base/random.ts'
import { Commits } from './commit/commits.ts'
import { Cluster } from './ports/cluster/cluster.ts'
import { Store } from './ports/store/store.ts'

/** The parts that nearly every other one has. */
export const common = (container: DependencyContainer) => ({
  store: container.resolve(Store),
  commits: container.resolve(Commits),
  cluster: container.resolve(Cluster),
  clock: container.resolve(Clock),
  random: container.resolve(Random),
  log: container.resolve(Log)
})
