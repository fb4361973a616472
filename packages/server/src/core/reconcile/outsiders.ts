import type { Clock } from '../base/clock.ts'
import { InTurn } from '../base/in-turn.ts'
import { inTurns } from '../base/in-turns.ts'
import type { Logger } from '../base/log.ts'
import { shortTurns } from '../base/short-turns.ts'
import type { Commits } from '../commit/commits.ts'
import { entry } from '../enrolment/decision/decision.ts'
import { askedName } from '../enrolment/outsider/asked-name.ts'
import { decideOutsider, type OutsiderDecision, type Sight } from '../enrolment/outsider/decide-outsider.ts'
import type { Csr } from '../ports/cluster/csrs.ts'
import { DocumentTooLarge } from '../ports/store/document-too-large.ts'
import type { OutsiderDocument } from '../ports/store/documents/outsider-document.ts'
import type { Sights } from '../ports/store/sights.ts'
import type { Store } from '../ports/store/store.ts'
import { clusterSubject } from '../ports/store/timeline.ts'
import type { InSight } from './in-sight.ts'

interface Parts {
  store: Store
  sights: Pick<Sights, 'outsiders'>
  commits: Pick<Commits, 'append'>
  clock: Clock
  log: Logger
}

/** The things that a pass of the reconciler has seen. */
export type Seen = Pick<InSight, 'nodes' | 'csrs' | 'heads' | 'tokenIds'>

/** Sight of one name without its enrolments. They are read if the stamp is not that of the last look. */
type Glimpse = Omit<Sight, 'named'> & { stamp: string }

/** Most names with a request, no Node and no enrolment: a loop of requests for ever new names must not fill the store. */
const bareNamesKept = 100

/**
 * The tripwire for what comes to the cluster beside Joinery. It only alerts, and once about each thing. What was told is in the
 * store, and is read from there once.
 */
export class Outsiders {
  readonly #parts: Parts
  readonly #turns = new InTurn()
  #known: Map<string, OutsiderDocument> | undefined
  #looked = false
  /** Names that requests ask for, by uid and whether there is a certificate: nothing else of a request can change its name. */
  #asked = new Map<string, string | undefined>()
  /** Stamps of the last look, by name. If the stamp is the same again, there is nothing new to tell. */
  #told = new Map<string, string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Outsiders of the store, by name. */
  async known(): Promise<ReadonlyMap<string, OutsiderDocument>> {
    this.#known ??= new Map((await this.#parts.sights.outsiders()).map((outsider) => [outsider.name, outsider]))
    return this.#known
  }

  /** Compares the cluster with what is known, and tells what is new. */
  look(seen: Seen): Promise<void> {
    return this.#turns.do('look', async () => {
      const first = await this.#isFirst()
      const known = await this.known()
      const glimpses = await this.#glimpses(seen, known)
      await (first ? this.#remember(glimpses) : this.#tell(glimpses, known))
    })
  }

  /** True until the server has seen the cluster once: before, it cannot tell what is new. */
  async #isFirst(): Promise<boolean> {
    this.#looked ||= (await this.#parts.store.timeline(clusterSubject)).length > 0
    return !this.#looked
  }

  /** Remembers the first look in one commit: a first look that is cut is none. */
  async #remember(glimpses: readonly Glimpse[]): Promise<void> {
    const now = this.#parts.clock.now()
    const decisions: OutsiderDecision[] = []
    for (const glimpse of glimpses) {
      const decision = decideOutsider(undefined, await this.#sight(glimpse), true, now)
      if (decision !== undefined) decisions.push(decision)
    }
    const there = decisions.filter(({ outsider }) => outsider?.node !== undefined).length
    const looked = entry(now, 'server', 'first-look', `Nodes that no enrolment brought: ${there}`)
    await this.#commit(decisions, [{ subject: clusterSubject, entry: looked }])
  }

  async #tell(glimpses: readonly Glimpse[], known: ReadonlyMap<string, OutsiderDocument>): Promise<void> {
    const { clock } = this.#parts
    const othersTurn = shortTurns()
    const before = this.#told
    this.#told = new Map()
    let bare = [...known.values()].filter(({ node }) => node === undefined).length
    for (const glimpse of glimpses) {
      const { name, node, stamp } = glimpse
      if (before.get(name) !== stamp) {
        const outsider = known.get(name)
        // the enrolments as they are now: one may have claimed since the cluster was listed
        const sight = await this.#sight(glimpse)
        const isBare = outsider === undefined && node === undefined && sight.named.length === 0
        if (isBare && bare >= bareNamesKept) continue
        const decision = decideOutsider(outsider, sight, false, clock.now())
        if (decision !== undefined) {
          if (isBare) bare += 1
          await this.#commit([{ ...decision, before: outsider }]).catch((err: unknown) => {
            // its own fault: the others are told of
            if (!(err instanceof DocumentTooLarge)) throw err
            this.#parts.log.error({ name, err }, 'nothing more can be told of this name')
          })
        }
        await othersTurn()
      }
      this.#told.set(name, stamp)
    }
  }

  async #sight(glimpse: Glimpse): Promise<Sight> {
    return { ...glimpse, named: await this.#parts.store.enrolmentsByName(glimpse.name) }
  }

  async #commit(
    decisions: readonly (OutsiderDecision & { before?: OutsiderDocument | undefined })[],
    also: OutsiderDecision['entries'] = []
  ): Promise<void> {
    const outsiders = decisions.flatMap(({ outsider }) => outsider ?? [])
    const forgotten = decisions.flatMap(({ outsider, before }) => (outsider === undefined ? (before ?? []) : []))
    const entries = [...also, ...decisions.flatMap((decision) => decision.entries)]
    const result = await this.#parts.commits.append({ outsiders, forgotten, entries })
    if (result !== 'committed') {
      // another server was faster: the store is read again, and the next pass looks again
      this.#known = undefined
      return
    }
    for (const outsider of outsiders) this.#known?.set(outsider.name, { ...outsider, revision: outsider.revision + 1 })
    for (const { name } of forgotten) this.#known?.delete(name)
    for (const { subject, entry } of entries) {
      this.#parts.log[entry.alert ? 'warn' : 'info']({ subject, event: entry.event }, entry.detail)
    }
  }

  /** Glimpses of each name that is known, that has a Node which no enrolment brought, or that somebody asks for. */
  async #glimpses(
    { nodes, csrs, heads, tokenIds }: Seen,
    known: ReadonlyMap<string, OutsiderDocument>
  ): Promise<Glimpse[]> {
    const claimed = new Set(heads.flatMap((head) => (head.claimed ? head.name : [])))
    const byName = new Map(nodes.map((node) => [node.name, node]))
    const asking = await this.#asking(csrs)
    const unclaimed = nodes.flatMap(({ name }) => (claimed.has(name) ? [] : name))
    const names = [...new Set([...known.keys(), ...unclaimed, ...asking.keys()])]
    const named = Map.groupBy(await inTurns(names, (some) => this.#parts.store.headsByName(some)), ({ name }) => name)
    return names.map((name) => {
      const node = byName.get(name)
      const asked = asking.get(name) ?? []
      const stamp = [
        known.get(name)?.revision,
        `${node?.uid} ${node?.machineId}`,
        ...(named.get(name) ?? []).map(({ id, revision }) => `${id} ${revision}`),
        ...asked.map((csr) => `${stepOf(csr)} ${csr.approved} ${csr.denied}`)
      ].join('\n')
      return { name, node, csrs: asked, tokenIds, stamp }
    })
  }

  /** Requests by the name that they ask for. */
  async #asking(csrs: readonly Csr[]): Promise<Map<string, Csr[]>> {
    const othersTurn = shortTurns()
    const asking = new Map<string, Csr[]>()
    const seen = new Map<string, string | undefined>()
    for (const csr of csrs) {
      const name = this.#askedName(csr)
      seen.set(stepOf(csr), name)
      if (name === undefined) continue
      const others = asking.get(name)
      if (others === undefined) asking.set(name, [csr])
      else others.push(csr)
      await othersTurn()
    }
    this.#asked = seen
    return asking
  }

  #askedName(csr: Csr): string | undefined {
    return this.#asked.has(stepOf(csr)) ? this.#asked.get(stepOf(csr)) : askedName(csr)
  }
}

const stepOf = ({ uid, certificate }: Csr): string => `${uid} ${certificate === undefined ? 'open' : 'issued'}`
