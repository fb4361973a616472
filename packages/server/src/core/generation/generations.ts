import { generationAnnotation } from '@joinery/kube/names'
import { day, minute, ProblemError, type TimelineEntry, type TimelineEvent } from '@joinery/protocol'
import { budgets } from '../base/budgets.ts'
import { sharedAtOnce } from '../base/cached.ts'
import type { Clock, Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Commits } from '../commit/commits.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { entry } from '../enrolment/decision/decision.ts'
import type { MasterKeys } from '../keys/master-keys.ts'
import type { BannedNames, NotedGeneration } from '../ports/cluster/banned-names.ts'
import type { Change } from '../ports/store/change.ts'
import type { Store } from '../ports/store/store.ts'
import type { Generation, StoreAge } from '../ports/store/store-age.ts'
import { storeSubject } from '../ports/store/timeline.ts'
import { type Comparison, compareGeneration } from './compare-generation.ts'
import { readGeneration, sealGeneration } from './seal-generation.ts'
import { endCredentials, takeBack } from './take-back.ts'

interface Parts {
  store: Store
  age: Pick<StoreAge, 'generation'>
  commits: Pick<Commits, 'append' | 'place'>
  cluster: Pick<BannedNames, 'generation' | 'noteGeneration'>
  enrolments: Pick<Enrolments, 'commitTogether'>
  credentials: Pick<Credentials, 'settle'>
  masterKeys: Pick<MasterKeys, 'all'>
  clock: Clock
  monotonic: Monotonic
  log: Logger
}

/** Time in milliseconds within which the same event is one alert with a count. */
const series = day

/** Milliseconds for which `status` says that another server raised the number. A sweep that finds it again says it again. */
const lasting = 10 * minute

/**
 * Keeps the number of the store and of the cluster together. The number only grows, so a store that went back in time, whoever
 * put it there, has a smaller one than the cluster. The number is raised at the start, and again if there were commits since.
 * It is durable in the store before the cluster is told. So the cluster's number may be behind, which says nothing. It is ahead
 * only of a store that is older. The cluster has it with a MAC by a master key, so nobody else can say a larger one.
 */
export class Generations {
  readonly #parts: Parts
  /** Looks once at a time: a caller that asks during a look gets the same answer. */
  readonly #once = sharedAtOnce(() => this.#look())
  #compared = false
  /** Place of the last commit when the number was raised. `#told`: the same for the number that the cluster has. */
  #raised: number | undefined
  #told: number | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #trouble: string | undefined
  #overtakenAt = Number.NEGATIVE_INFINITY
  /** The last alert of each event, and when it came first. */
  readonly #alerts = new Map<string, { at: Date; count: number }>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** True if the cluster has a number by the newest master key. Until then an older key may be what reads the one that it has. */
  get isTold(): boolean {
    return this.#told !== undefined
  }

  /** One sentence with a command, as long as another server raises the number in the cluster. */
  get remedies(): string[] {
    if (this.#parts.monotonic() - this.#overtakenAt > lasting) return []
    return [
      `Another server on a copy of this store raised the generation that the cluster knows, so that earlier approvals do not count; end that server (systemctl stop joinery-server on its host), or see who wrote it: kubectl --namespace joinery-system get configmap joinery-banned --output yaml --show-managed-fields`
    ]
  }

  /**
   * Settles an older store before anything is given. Throws `cluster-unavailable` until the cluster has said once what it
   * knows, and what the store throws if it cannot be settled.
   */
  async require(): Promise<void> {
    if (!this.#compared) await this.#once()
  }

  /**
   * Compares at each pass, as `require`, until it has done so once. Later it compares at each sweep, and when there is
   * something new. What fails then is tried again.
   */
  async follow(sweep: boolean): Promise<void> {
    if (!this.#compared) return this.#once()
    if (!sweep && !this.#hasNews()) return
    await this.#once().catch((error: unknown) => this.#warn(error))
  }

  /**
   * Tells the cluster, at an orderly end, that there were commits since it was told last: a copy that somebody made before them
   * is then known as older. What fails now is over.
   */
  async conclude(): Promise<void> {
    const { commits } = this.#parts
    // of a look that is under way nobody knows whether it began after the last commit
    for (let looks = 2; looks > 0 && this.#compared && this.#told !== commits.place; looks -= 1) {
      await this.#once().catch((error: unknown) => this.#warn(error))
    }
  }

  #hasNews(): boolean {
    const { commits, monotonic } = this.#parts
    return this.#told !== commits.place && monotonic() - this.#lookedAt >= budgets.generation.rest
  }

  async #look(): Promise<void> {
    const { age, commits, cluster, masterKeys, monotonic } = this.#parts
    this.#lookedAt = monotonic()
    const noted = await cluster.generation()
    // counted before the number is raised: commits that come later are for the next time
    const { place } = commits
    const own = await age.generation()
    // a cluster that was told nothing knows what a new store knows
    const found = compareGeneration(own, readGeneration(noted.text ?? '0', masterKeys))
    if (found.kind === 'older') await this.#settle(own, found.noted)
    this.#compared = true
    try {
      if (found.kind !== 'older') await this.#raise(own, found, place)
      this.#raised = place
      await this.#tell(noted, place)
    } catch (error) {
      // if the store or the cluster takes nothing now, the store is no older for it
      this.#warn(error)
    }
  }

  async #settle(own: Generation, noted: number): Promise<void> {
    const { store, credentials, log, monotonic } = this.#parts
    const others = this.#compared
    const what = others
      ? `a server on a copy of the store raised the generation in the cluster to ${noted}, from ${own.number}`
      : `the store is an older one: it is of generation ${own.number}, and the cluster knows ${noted}`
    let alert: TimelineEntry | undefined
    const why = 'the store is an older one than the cluster knows'
    const { before, done } = await takeBack(this.#parts, { why }, (taken, now) => {
      alert = this.#alert('older-store', `${what}: ${taken}`, now)
      return { entries: [{ subject: storeSubject, entry: alert }], generation: noted + 1 }
    })
    this.#said(alert)
    if (others) this.#overtakenAt = monotonic()
    log.warn({ event: 'older-store' }, `${what}: ${done}`)
    void endCredentials(before, store, credentials).catch(() => undefined)
  }

  async #raise(own: Generation, found: Exclude<Comparison, { kind: 'older' }>, place: number): Promise<void> {
    const { commits, clock, log } = this.#parts
    if (found.kind === 'known' && own.origin === undefined && this.#raised === place) return
    const said = sentence(found)
    const change: Change = { generation: ('noted' in found ? found.noted : own.number) + 1 }
    const alert = said && this.#alert(said.event, said.detail, clock.now())
    if (alert !== undefined) change.entries = [{ subject: storeSubject, entry: alert }]
    const result = await commits.append(change)
    // nobody else has the store
    if (result !== 'committed') throw new Error(`the generation could not be raised: ${result}`)
    this.#said(alert)
    if (said !== undefined) log.warn({ event: said.event }, said.detail)
  }

  /**
   * Tells the cluster the number. It counts as told only when the cluster has answered so, and what is lost on the way is told
   * once more.
   */
  async #tell(noted: NotedGeneration, place: number): Promise<void> {
    const { age, cluster, masterKeys } = this.#parts
    const text = sealGeneration((await age.generation()).number, masterKeys)
    if (noted.text !== text) await cluster.noteGeneration(text, noted.version)
    this.#told = place
    this.#trouble = undefined
  }

  #alert(event: TimelineEvent, detail: string, now: Date): TimelineEntry {
    const last = this.#alerts.get(event)
    const again = last !== undefined && now.getTime() - last.at.getTime() < series
    if (!again) return entry(now, 'server', event, detail, true)
    return { ...entry(last.at, 'server', event, detail, true), count: last.count + 1, last: now.toISOString() }
  }

  /** Remembers an alert once it is durable. */
  #said(alert: TimelineEntry | undefined): void {
    if (alert !== undefined) this.#alerts.set(alert.event, { at: new Date(alert.at), count: alert.count ?? 1 })
  }

  /** Warns once for each reason in a row. */
  #warn(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (reason === this.#trouble) return
    this.#trouble = reason
    const said = error instanceof ProblemError ? { reason } : { err: error }
    this.#parts.log.warn(
      said,
      'the generation of the store could not be compared with the cluster; the server tries again'
    )
  }
}

const sentence = (
  found: Exclude<Comparison, { kind: 'older' }>
): { event: TimelineEvent; detail: string } | undefined => {
  switch (found.kind) {
    case 'empty':
      return {
        event: 'new-store',
        detail: `the store is a new one, and the cluster knows generation ${found.noted} of another store: the codes, enrolments and decisions of the other store are not in this one`
      }
    case 'unreadable':
      return {
        event: 'generation-unreadable',
        detail: `the annotation ${generationAnnotation} of the ConfigMap joinery-banned is not one that a server with these master keys wrote: it does not show whether the store is an older one, and the server writes it again`
      }
    default:
      return undefined
  }
}
