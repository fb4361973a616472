import type { Clock, Monotonic } from '../../core/base/clock.ts'
import type { RateMeter } from '../../core/base/rates/call-rates.ts'
import { type CommitMeter, type Committed, enrolmentsIn, type Follower } from '../../core/commit/commits.ts'
import type { PollMeter } from '../../core/commit/waiting.ts'
import type { UnguardedCluster } from '../../core/ports/cluster/unguarded-cluster.ts'
import type { ConnectionMeter } from '../../core/ports/connections.ts'
import type { Metered } from '../../core/ports/metered.ts'
import type { AskedObjects, SeenObject } from '../../core/ports/objects/asked-objects.ts'
import type { Views } from '../../core/ports/objects/views.ts'
import type { Store } from '../../core/ports/store/store.ts'
import type { PassMeter } from '../../core/reconcile/pacemaker.ts'
import type { OutcomeMeter } from '../../core/services/agent/reports.ts'
import { askedCalls, type Call, type CallOutcome, clusterCalls, viewCalls } from './calls.ts'
import { Followed } from './followed.ts'
import { Journeys } from './journeys.ts'
import { type Measurement, measureChange } from './measure-change.ts'
import { Meter } from './meter.ts'
import { meterCalls } from './meter-calls.ts'

interface Parts {
  clock: Clock
  monotonic: Monotonic
  /** The store itself, as far as what was there before the start is read from it. */
  store: () => Pick<Store, 'unsettled' | 'enrolment'>
}

/** All that counts: the meter, and the ports through which the parts of the server are counted. */
export class Counting implements Metered, Follower {
  readonly name = 'metrics'
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

  cluster(cluster: UnguardedCluster): UnguardedCluster {
    return meterCalls(cluster, 'cluster', clusterCalls, () => this.#parts, {
      heard: (call, outcome) => {
        if (call !== 'denyCsr' || outcome !== 'ok') return
        this.meter.count('joinery_csr_decisions_total', { signer: 'kubelet-client', verdict: 'denied' })
      }
    })
  }

  /** Counts all that a commit says of machines, and notes that Kubernetes shall show its enrolments, if it shows any. */
  take({ change }: Committed): void {
    const { measurements, marks } = measureChange(change, (id) => this.#journeys.of(id))
    for (const one of measurements) measure(this.meter, one)
    for (const [id, mark] of marks) mark === undefined ? this.#journeys.forget(id) : this.#journeys.note(id, mark)
    for (const enrolment of change.enrolments ?? []) this.followed.note(enrolment)
    for (const { id } of change.gone?.enrolments ?? []) {
      this.#journeys.forget(id)
      this.followed.forget(id)
    }
    for (const id of enrolmentsIn(change)) this.#lag?.committed(id)
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

  asked<Objects extends AskedObjects<SeenObject, never>>(part: 'decisions' | 'codes', objects: Objects): Objects {
    return meterCalls(objects, part, askedCalls, () => this.#parts, { outcomeOf: answerOutcome })
  }

  get #parts(): { meter: Meter; monotonic: Monotonic } {
    return { meter: this.meter, monotonic: this.#monotonic }
  }
}

const measure = (meter: Meter, one: Measurement): void => {
  if ('count' in one) meter.count(one.count, one.labels as never)
  else meter.observe(one.observe, one.labels as never, one.seconds)
}

/** The outcome of a call that did not throw: an answer may say that nothing was done. */
const answerOutcome = (call: Call, answer: unknown): CallOutcome => {
  // the object has changed, or the list is forgotten
  if (answer === undefined) return call === 'settle' || call === 'page' ? 'conflict' : 'ok'
  if (call !== 'put' || typeof answer !== 'object' || answer === null) return 'ok'
  if ('conflict' in answer) return 'conflict'
  return 'refused' in answer ? 'refused' : 'ok'
}

/** The ports by which other parts say what happened there, each as its user has declared it. */
const meterPorts = (meter: Meter, clock: Clock) => ({
  polls: {
    ended: (end) => meter.count('joinery_polls_total', { end }),
    full: () => meter.count('joinery_over_budget_total', { budget: 'polls' })
  } satisfies PollMeter,

  commits: {
    ended: (result, milliseconds) => {
      meter.count('joinery_commits_total', { result })
      meter.observe('joinery_commit_duration_seconds', {}, milliseconds / 1000)
    }
  } satisfies CommitMeter,

  rates: {
    refused: (call) => meter.count('joinery_over_budget_total', { budget: call })
  } satisfies RateMeter,

  door: {
    crowdedOut: () => meter.count('joinery_over_budget_total', { budget: 'connections' })
  } satisfies ConnectionMeter,

  passes: {
    passed: ({ sweep, outcome, delay, duration }) => {
      const kind = sweep ? 'sweep' : 'look'
      meter.count('joinery_passes_total', { kind, outcome })
      meter.observe('joinery_pass_duration_seconds', { kind }, duration / 1000)
      meter.observe('joinery_pass_delay_seconds', {}, delay / 1000)
      meter.set('joinery_cluster_up', {}, outcome === 'cluster' ? 0 : 1)
      if (outcome === 'ok') meter.set('joinery_last_pass_timestamp_seconds', {}, clock.now().getTime() / 1000)
    }
  } satisfies PassMeter,

  outcomes: {
    noted: ({ outcome, role, version = '' }) => {
      meter.count('joinery_agent_outcomes_total', { outcome: outcome === 'ready' ? outcome : 'failed', version })
      if (outcome !== 'ready') meter.count('joinery_attempt_failures_total', { class: outcome, role })
    }
  } satisfies OutcomeMeter
})

/** Most enrolments whose last commit is remembered. */
const rememberedAtMost = 10_000

/** Measures how long it takes from the last commit of an enrolment until Kubernetes shows the enrolment. */
class ViewLag {
  readonly #committed = new Map<string, number>()
  readonly #monotonic: Monotonic

  constructor(monotonic: Monotonic) {
    this.#monotonic = monotonic
  }

  committed(id: string): void {
    this.#committed.delete(id)
    this.#committed.set(id, this.#monotonic())
    const [oldest] = this.#committed.keys()
    if (this.#committed.size > rememberedAtMost && oldest !== undefined) this.#committed.delete(oldest)
  }

  /** Seconds since the last commit of this enrolment, which is shown now. Undefined if it was shown already. */
  shown(id: string): number | undefined {
    const at = this.#committed.get(id)
    this.#committed.delete(id)
    return at === undefined ? undefined : (this.#monotonic() - at) / 1000
  }
}
