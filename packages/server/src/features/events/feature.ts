import type { DependencyContainer, InjectionToken } from 'tsyringe'
import { Budgets } from '../../core/base/budgets.ts'
import { Monotonic } from '../../core/base/clock.ts'
import { also, once } from '../../core/base/parts.ts'
import { Worker } from '../../core/base/worker.ts'
import { Follower } from '../../core/commit/commits.ts'
import { common } from '../../core/common.ts'
import { Leadership } from '../../core/leadership/leadership.ts'
import { Events } from '../../core/ports/events.ts'
import { Reconciler } from '../../core/reconcile/reconciler.ts'
import { OperatorService } from '../../core/services/operator-service.ts'
import { ChangeStream } from './change-stream.ts'
import { DerivedChanges } from './derived-changes.ts'

const Stream = Symbol('ChangeStream') as InjectionToken<ChangeStream>
const Derived = Symbol('DerivedChanges') as InjectionToken<DerivedChanges>

/** Tells whoever follows the enrolments of each that changes. */
export const events = (container: DependencyContainer): void => {
  once(
    container,
    Stream,
    (c) =>
      new ChangeStream({
        read: c.resolve(OperatorService).listed,
        settled: () => c.resolve(Derived).look(),
        leadership: () => c.resolve(Leadership),
        random: common(c).random,
        monotonic: c.resolve(Monotonic),
        budget: c.resolve(Budgets).events
      })
  )
  once(
    container,
    Derived,
    (c) =>
      new DerivedChanges({
        ...common(c),
        read: c.resolve(OperatorService).listed,
        trouble: () => c.resolve(Reconciler).trouble,
        isFollowed: () => c.resolve(Stream).isFollowed,
        note: (id) => c.resolve(Stream).note(id),
        monotonic: c.resolve(Monotonic),
        budget: c.resolve(Budgets).events
      })
  )
  once(container, Events, (c) => c.resolve(Stream))
  also(container, Follower, (c) => ({
    name: 'events',
    take: (committed) => {
      c.resolve(Stream).take(committed)
      c.resolve(Derived).take(committed)
    }
  }))
  also(container, Worker, (c) => c.resolve(Derived))
}
