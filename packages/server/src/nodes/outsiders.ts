import type { Clock } from '../clock.ts'
import type { ClusterNode, Csr } from '../cluster/cluster.ts'
import { entry } from '../enrolments/decision.ts'
import { InTurn } from '../in-turn.ts'
import type { Logger } from '../log.ts'
import { clusterSubject, type EnrolmentDocument, type OutsiderDocument, type Store } from '../store/store.ts'
import { askedName } from './asked-name.ts'
import { decideOutsider, type OutsiderDecision, type Sight } from './decide-outsider.ts'

interface Parts {
  store: Store
  clock: Clock
  log: Logger
}

/** What a pass of the reconciler has seen. */
export interface Seen {
  nodes: readonly ClusterNode[]
  csrs: readonly Csr[]
  /** Those that claimed, in order of creation. */
  enrolments: readonly EnrolmentDocument[]
}

/** Names with a request, no Node and no enrolment, at most: a loop of requests for ever new names must not fill the store. */
const bareNamesKept = 100

/**
 * The tripwire for what comes to the cluster beside Joinery. It only tells, and each thing once: what was told is in the store,
 * and read from there once.
 */
export class Outsiders {
  readonly #parts: Parts
  readonly #turns = new InTurn()
  #known: Map<string, OutsiderDocument> | undefined
  #looked = false
  /** By uid, and whether there is a certificate: nothing else of a request can change. */
  #asked = new Map<string, string | undefined>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Those of the store, by name. */
  async known(): Promise<ReadonlyMap<string, OutsiderDocument>> {
    this.#known ??= new Map((await this.#parts.store.outsiders()).map((outsider) => [outsider.name, outsider]))
    return this.#known
  }

  /** Compares the cluster with what is known, and tells what is new. */
  look(seen: Seen): Promise<void> {
    return this.#turns.do('look', async () => {
      const first = await this.#isFirst()
      const known = await this.known()
      const sights = this.#sights(seen, known)
      await (first ? this.#remember(sights) : this.#tell(sights, known))
    })
  }

  /** Until it has seen the cluster once, it cannot tell what is new. */
  async #isFirst(): Promise<boolean> {
    this.#looked ||= (await this.#parts.store.timeline(clusterSubject)).length > 0
    return !this.#looked
  }

  /** All of it in one commit: a first look that is cut is none. */
  async #remember(sights: readonly Sight[]): Promise<void> {
    const now = this.#parts.clock.now()
    const decisions = sights.flatMap((sight) => decideOutsider(undefined, sight, true, now) ?? [])
    const there = decisions.filter(({ outsider }) => outsider?.node !== undefined).length
    const looked = entry(now, 'server', 'first-look', `Nodes that no enrolment brought: ${there}`)
    await this.#commit(decisions, [{ subject: clusterSubject, entry: looked }])
  }

  async #tell(sights: readonly Sight[], known: ReadonlyMap<string, OutsiderDocument>): Promise<void> {
    const { store, clock } = this.#parts
    let bare = [...known.values()].filter(({ node }) => node === undefined).length
    for (const sight of sights) {
      const before = known.get(sight.name)
      const isBare = before === undefined && sight.node === undefined && sight.named.length === 0
      if (isBare && bare >= bareNamesKept) continue
      let decision = decideOutsider(before, sight, false, clock.now())
      if (decision === undefined) continue
      if (decision.entries.length > 0) {
        // the enrolments were read before the cluster: one may have claimed in between
        const named = await store.enrolmentsByName(sight.name)
        decision = decideOutsider(before, { ...sight, named }, false, clock.now())
        if (decision === undefined) continue
      }
      if (isBare) bare += 1
      await this.#commit([{ ...decision, before }])
    }
  }

  async #commit(
    decisions: readonly (OutsiderDecision & { before?: OutsiderDocument | undefined })[],
    also: OutsiderDecision['entries'] = []
  ): Promise<void> {
    const outsiders = decisions.flatMap(({ outsider }) => outsider ?? [])
    const forgotten = decisions.flatMap(({ outsider, before }) => (outsider === undefined ? (before ?? []) : []))
    const entries = [...also, ...decisions.flatMap((decision) => decision.entries)]
    const result = await this.#parts.store.commit({ outsiders, forgotten, entries })
    if (result !== 'committed') {
      // another server was faster: read anew, and look again at the next pass
      this.#known = undefined
      return
    }
    for (const outsider of outsiders) this.#known?.set(outsider.name, { ...outsider, revision: outsider.revision + 1 })
    for (const { name } of forgotten) this.#known?.delete(name)
    for (const { subject, entry } of entries) {
      this.#parts.log[entry.alert ? 'warn' : 'info']({ subject, event: entry.event }, entry.detail)
    }
  }

  /** Of each name that is known, has a Node that no enrolment brought, or for which somebody asks. */
  #sights({ nodes, csrs, enrolments }: Seen, known: ReadonlyMap<string, OutsiderDocument>): Sight[] {
    const tokenIds = new Set(enrolments.flatMap(({ attempts }) => attempts.flatMap(({ tokenId }) => tokenId ?? [])))
    const named = Map.groupBy(enrolments, ({ name }) => name)
    const byName = new Map(nodes.map((node) => [node.name, node]))
    const asking = Map.groupBy(csrs, (csr) => this.#askedName(csr))
    this.#asked = new Map(csrs.map((csr) => [stepOf(csr), this.#asked.get(stepOf(csr))]))
    const unclaimed = nodes.filter(({ name }) => !named.has(name))
    const asked = [...asking.keys()].filter((name) => name !== undefined)
    const names = new Set([...known.keys(), ...unclaimed.map(({ name }) => name), ...asked])
    return [...names].map((name) => ({
      name,
      node: byName.get(name),
      csrs: asking.get(name) ?? [],
      named: named.get(name) ?? [],
      tokenIds
    }))
  }

  #askedName(csr: Csr): string | undefined {
    if (!this.#asked.has(stepOf(csr))) this.#asked.set(stepOf(csr), askedName(csr))
    return this.#asked.get(stepOf(csr))
  }
}

const stepOf = ({ uid, certificate }: Csr): string => `${uid} ${certificate === undefined ? 'open' : 'issued'}`
