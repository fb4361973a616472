import { asksForPods, silenceLimit } from '@joinery/protocol'
import { budgets } from '../base/budgets.ts'
import type { Clock, Monotonic } from '../base/clock.ts'
import { Buckets } from '../base/rates/buckets.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { Giving } from '../credentials/cluster-guard.ts'
import {
  awaitsService,
  decideInService,
  decideService,
  mayWait,
  mustOpen
} from '../enrolment/service/decide-service.ts'
import type { ClusterNode, Nodes } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument, EnrolmentHead } from '../ports/store/documents/enrolment-document.ts'

interface Parts {
  cluster: Pick<Nodes, 'nodePods'>
  giving: Giving
  clock: Clock
  monotonic: Monotonic
  enrolments: Pick<Enrolments, 'change'>
  /** True if the server reads Pods: `diagnosis: on` of its configuration. */
  diagnosis: boolean
}

/**
 * Brings Nodes into service: looks whether the gates of their codes hold, and takes the startup taint away behind a commit that they
 * did. It asks the cluster only for Nodes that wait, and for each no more often than its budget.
 */
export class ServiceGates {
  readonly #parts: Parts
  readonly #reads: Buckets
  readonly #readsOfOne: Buckets
  readonly #told: Buckets
  /** Enrolments that wait, by id, and since when they are ready. */
  readonly #waiting = new Map<string, string>()
  /** Enrolments for which the budget of all had no look left: they come before the others. */
  readonly #late = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
    const { all, ofOne } = budgets.gates
    this.#reads = new Buckets(all, parts.monotonic, 1)
    this.#readsOfOne = new Buckets(ofOne, parts.monotonic, budgets.rememberedKeys)
    this.#told = new Buckets(budgets.nodeConditions, parts.monotonic, budgets.rememberedKeys)
  }

  /** True if a Node became ready a short time ago and is not in service yet, or a look is due: the time to look often. */
  get isBusy(): boolean {
    if (this.#late.size > 0) return true
    const now = this.#parts.clock.now().getTime()
    return [...this.#waiting.values()].some((since) => now - Date.parse(since) < silenceLimit)
  }

  /** Forgets enrolments that are no longer in sight. */
  keep(heads: readonly Pick<EnrolmentHead, 'id'>[]): void {
    const ids = new Set(heads.map(({ id }) => id))
    for (const id of this.#waiting.keys()) if (!ids.has(id)) this.#forget(id)
  }

  /** True if a pass must look at the enrolment for the sake of its gates. */
  isWaiting(enrolment: EnrolmentDocument, node: ClusterNode | undefined): boolean {
    const waits = awaitsService(enrolment, node)
    if (waits) this.#waiting.set(enrolment.id, enrolment.since)
    else this.#forget(enrolment.id)
    return waits
  }

  /**
   * Looks at the gates of the enrolment, whose Node was seen like that, and acts. Whatever is cut here, a later pass does again: the
   * taint goes only from this very Node, and a Node without the taint is what is noted.
   */
  async look(enrolment: EnrolmentDocument, node: ClusterNode | undefined): Promise<void> {
    if (node === undefined || !this.isWaiting(enrolment, node)) return
    const { cluster, giving, enrolments } = this.#parts
    const { id } = enrolment
    const { readyWhen = [] } = enrolment.terms
    const asks = readyWhen.some(asksForPods) && this.#parts.diagnosis
    if (asks && !this.#mayRead(id)) return
    const pods = asks ? await cluster.nodePods(node.name) : undefined
    const seen = await enrolments.change(id, (current, now) => {
      const decision = decideService(current, { node, pods }, now)
      const isLate = decision !== undefined && mayWait(current, node) && this.#told.take(id) > 0
      return isLate ? undefined : decision
    })
    if (!mustOpen(seen, node)) return
    await giving.removeStartupTaint(node)
    await enrolments.change(id, (current, now) => decideInService(current, node.uid, now))
  }

  /** Takes a look from both budgets. Nobody has a second one while others have had none. */
  #mayRead(id: string): boolean {
    if (this.#late.size > 0 && !this.#late.has(id)) return false
    if (!this.#late.has(id) && this.#readsOfOne.take(id) > 0) return false
    const may = this.#reads.take('all') === 0
    if (may) this.#late.delete(id)
    else this.#late.add(id)
    return may
  }

  #forget(id: string): void {
    this.#waiting.delete(id)
    this.#late.delete(id)
  }
}
