import type { Clock, Monotonic } from '../../core/base/clock.ts'
import type { Cluster } from '../../core/ports/cluster/cluster.ts'
import type { Store } from '../../core/ports/store/store.ts'
import { askedCalls, type Call, type CallOutcome, clusterCalls, viewCalls } from './calls.ts'
import { Followed } from './followed.ts'
import { Journeys } from './journeys.ts'
import { Meter } from './meter.ts'
import { meterCalls } from './meter-calls.ts'
import { meterCommits } from './meter-commits.ts'
import { meterPorts } from './meter-ports.ts'
import { ViewLag } from './view-lag.ts'

interface Parts {
  clock: Clock
  monotonic: Monotonic
  /** The store itself, as far as what was there before the start is read from it. */
  store: () => Pick<Store, 'unsettled' | 'enrolment'>
}

/** All that counts: the meter, and the ports through which the parts of the server are counted. */
export class Counting {
  readonly meter = new Meter()
  readonly followed: Followed
  readonly ports: ReturnType<typeof meterPorts>
  readonly #journeys = new Journeys()
  readonly #lag: ViewLag
  readonly #monotonic: Monotonic

  constructor({ clock, monotonic, store }: Parts) {
    this.#monotonic = monotonic
    this.#lag = new ViewLag(monotonic)
    this.ports = meterPorts(this.meter, clock)
    this.followed = new Followed({
      unsettled: () => store().unsettled(),
      enrolment: (id) => store().enrolment(id)
    })
  }

  /** The store, whose commits are counted. */
  store(store: Store): Store {
    return meterCommits(store, () => ({
      meter: this.meter,
      journeys: this.#journeys,
      followed: this.followed,
      monotonic: this.#monotonic
    }))
  }

  /** Views of Kubernetes, whose calls are counted, and the time until they show a commit. */
  views<Port extends { [Call in (typeof viewCalls)[number]]: unknown }>(views: Port): Port {
    return meterCalls(views, 'views', viewCalls, () => this.#parts, {
      outcomeOf: answerOutcome,
      heard: (call, outcome, [, name]) => {
        if (call !== 'put' || outcome !== 'ok' || typeof name !== 'string') return
        const lag = this.#lag.shown(name)
        if (lag !== undefined) this.meter.observe('joinery_view_lag_seconds', {}, lag)
      }
    })
  }

  /** Notes that Kubernetes shall show this enrolment. */
  readonly committed = (id: string): void => this.#lag.committed(id)

  /** Objects by which operators ask, whose calls are counted. */
  asked<Port extends { [Call in (typeof askedCalls)[number]]: unknown }>(
    part: 'decisions' | 'codes',
    objects: Port
  ): Port {
    return meterCalls(objects, part, askedCalls, () => this.#parts, { outcomeOf: answerOutcome })
  }

  get #parts(): { meter: Meter; monotonic: Monotonic } {
    return { meter: this.meter, monotonic: this.#monotonic }
  }
}

/** The cluster, whose calls are counted. `made`: the counting, which is there when the first call comes. */
export const countedCluster = (cluster: Cluster, made: () => Counting, monotonic: () => Monotonic): Cluster =>
  meterCalls(cluster, 'cluster', clusterCalls, () => ({ meter: made().meter, monotonic: monotonic() }), {
    heard: (call, outcome) => {
      if (call !== 'denyCsr' || outcome !== 'ok') return
      made().meter.count('joinery_csr_decisions_total', { signer: 'kubelet-client', verdict: 'denied' })
    }
  })

/** The outcome of a call that did not throw: an answer may say that nothing was done. */
const answerOutcome = (call: Call, answer: unknown): CallOutcome => {
  // the object has changed, or the list is forgotten
  if (answer === undefined) return call === 'settle' || call === 'page' ? 'conflict' : 'ok'
  if (call !== 'put' || typeof answer !== 'object' || answer === null) return 'ok'
  if ('conflict' in answer) return 'conflict'
  return 'refused' in answer ? 'refused' : 'ok'
}
