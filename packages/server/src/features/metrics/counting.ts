import type { Clock, Monotonic } from '../../core/base/clock.ts'
import type { Cluster } from '../../core/ports/cluster/cluster.ts'
import type { Metered } from '../../core/ports/metered.ts'
import type { AskedObjects, SeenObject } from '../../core/ports/objects/asked-objects.ts'
import type { Views } from '../../core/ports/objects/views.ts'
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
export class Counting implements Metered {
  readonly meter = new Meter()
  readonly followed: Followed
  readonly ports: ReturnType<typeof meterPorts>
  readonly #journeys = new Journeys()
  #lag: ViewLag | undefined
  readonly #monotonic: Monotonic

  constructor({ clock, monotonic, store }: Parts) {
    this.#monotonic = monotonic
    this.ports = meterPorts(this.meter, clock)
    this.followed = new Followed({
      unsettled: () => store().unsettled(),
      enrolment: (id) => store().enrolment(id)
    })
  }

  cluster(cluster: Cluster): Cluster {
    return meterCalls(cluster, 'cluster', clusterCalls, () => this.#parts, {
      heard: (call, outcome) => {
        if (call !== 'denyCsr' || outcome !== 'ok') return
        this.meter.count('joinery_csr_decisions_total', { signer: 'kubelet-client', verdict: 'denied' })
      }
    })
  }

  store(store: Store): Store {
    return meterCommits(store, () => ({
      meter: this.meter,
      journeys: this.#journeys,
      followed: this.followed,
      monotonic: this.#monotonic
    }))
  }

  /** Views of Kubernetes, whose calls are counted, and the time until they show a commit. */
  views(views: Views): Views {
    const lag = new ViewLag(this.#monotonic)
    this.#lag = lag
    return meterCalls(views, 'views', viewCalls, () => this.#parts, {
      outcomeOf: answerOutcome,
      heard: (call, outcome, [, name]) => {
        if (call !== 'put' || outcome !== 'ok' || typeof name !== 'string') return
        const seconds = lag.shown(name)
        if (seconds !== undefined) this.meter.observe('joinery_view_lag_seconds', {}, seconds)
      }
    })
  }

  /** Notes that Kubernetes shall show this enrolment, if it shows any. */
  committed(id: string): void {
    this.#lag?.committed(id)
  }

  asked<Objects extends AskedObjects<SeenObject, never>>(part: 'decisions' | 'codes', objects: Objects): Objects {
    return meterCalls(objects, part, askedCalls, () => this.#parts, { outcomeOf: answerOutcome })
  }

  get #parts(): { meter: Meter; monotonic: Monotonic } {
    return { meter: this.meter, monotonic: this.#monotonic }
  }
}

/** The outcome of a call that did not throw: an answer may say that nothing was done. */
const answerOutcome = (call: Call, answer: unknown): CallOutcome => {
  // the object has changed, or the list is forgotten
  if (answer === undefined) return call === 'settle' || call === 'page' ? 'conflict' : 'ok'
  if (call !== 'put' || typeof answer !== 'object' || answer === null) return 'ok'
  if ('conflict' in answer) return 'conflict'
  return 'refused' in answer ? 'refused' : 'ok'
}
