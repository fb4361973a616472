import { readOwnersText, WorkerEngine } from '@joinery/policy'
import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../../core/base/budgets.ts'
import { Monotonic } from '../../core/base/clock.ts'
import { also, once } from '../../core/base/parts.ts'
import { Worker } from '../../core/base/worker.ts'
import { Follower, noteEnrolments } from '../../core/commit/commits.ts'
import { Enrolments } from '../../core/commit/enrolments.ts'
import { UniqueMachines } from '../../core/commit/unique-machines.ts'
import { common } from '../../core/common.ts'
import type { ServerConfig } from '../../core/config/config.ts'
import { Reconciler } from '../../core/reconcile/reconciler.ts'
import { OperatorService } from '../../core/services/operator-service.ts'
import { Tell } from '../../core/services/told.ts'
import { Policies } from './policies.ts'
import { PolicyFile } from './policy-file.ts'
import { policyRemedies } from './policy-remedies.ts'

/** Lets the rules of a file decide about machines that wait, if the configuration names one. */
export const policy = (container: DependencyContainer, { policy: path }: ServerConfig): void => {
  if (path === undefined) return
  once(
    container,
    Policies,
    (c) =>
      new Policies({
        ...common(c),
        monotonic: c.resolve(Monotonic),
        file: new PolicyFile({ path, makeEngine: () => new WorkerEngine(), read: readOwnersText }),
        operators: c.resolve(OperatorService),
        enrolments: c.resolve(Enrolments),
        machines: c.resolve(UniqueMachines),
        nodes: () => c.resolve(Reconciler).nodes,
        budget: c.resolve(Budgets).policy
      })
  )
  also(container, Follower, (c) => noteEnrolments('policies', (id) => c.resolve(Policies).note(id)))
  also(container, Tell, (c) => async () => {
    const status = await c.resolve(Policies).status()
    return { rows: { policy: status }, remedies: policyRemedies(status) }
  })
  also(container, Worker, (c) => c.resolve(Policies))
}
