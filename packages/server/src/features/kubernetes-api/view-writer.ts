import { setupRemedy } from '@joinery/kube'
import { hasEnded, isArriving, isLive, isOnItsWay, type Lifetimes, ProblemError, statesThat } from '@joinery/protocol'
import { type InstallationView, installationName } from '@joinery/protocol/door'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Monotonic } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import { Nap } from '../../core/base/nap.ts'
import { take } from '../../core/base/rates/token-bucket.ts'
import { shortTurns } from '../../core/base/short-turns.ts'
import { type Commits, type Committed, enrolmentsIn } from '../../core/commit/commits.ts'
import type { UniqueMachines } from '../../core/commit/unique-machines.ts'
import { expiry } from '../../core/enrolment/decision/decision.ts'
import { conflictOf, othersThan } from '../../core/enrolment/name/whose-name.ts'
import { hashOf } from '../../core/ports/objects/hash-of.ts'
import { firstGeneration, ShownObjects } from '../../core/ports/objects/shown-objects.ts'
import { type View, type ViewKind, type Views, viewKinds } from '../../core/ports/objects/views.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { Store } from '../../core/ports/store/store.ts'
import { observed } from './conditions.ts'
import { Due, keyOf, type Target } from './due.ts'
import { Outages } from './outages.ts'
import { viewOf } from './view-of.ts'

interface Parts {
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'walkEnrolments'>
  commits: Pick<Commits, 'place'>
  views: Views
  machines: Pick<UniqueMachines, 'withCheck' | 'knowsNodes'>
  lifetimes: Lifetimes
  /** The view of this installation now. */
  installation: () => Promise<InstallationView>
  budget: Budgets['views']
  monotonic: Monotonic
  log: Logger
}

/** Objects that are written side by side. */
const writesAtOnce = 4

/** Most tries to read a list. */
const tries = 3

/** Most others of one name that are looked at together with one of them. The next look finds the rest. */
const namesakesAtMost = 16

/**
 * Makes the objects in the cluster as the store says they are. It hears what changes (`note`, the watch), and looks at all of them
 * now and then. Of each object it compares what is with what must be, so a call that is lost or late is made good by the next look.
 * It reads nothing back into the store, and nobody waits for it. While nothing happens it writes nothing.
 */
export class ViewWriter {
  readonly #parts: Parts
  readonly #shown: Record<ViewKind, ShownObjects> = {
    enrolments: new ShownObjects(),
    installations: new ShownObjects()
  }
  readonly #due = new Due()
  /** Times of the last writes of objects, as far as they still hold up the next one. */
  readonly #wrote = new Map<string, number>()
  /** Objects that the API server does not take as they are. The next look tries them again. */
  readonly #refused = new Map<string, Target>()
  readonly #outages: Outages<'look' | 'write' | 'installation'>
  readonly #lanes = Array.from({ length: writesAtOnce }, () => new Nap())
  /** Objects that are being written. */
  readonly #busy = new Set<string>()
  readonly #looking = new Nap()
  #installation: InstallationView | undefined
  #bucket: number | undefined
  /** Kinds of which the watch may have missed something. */
  readonly #lost = new Set<ViewKind>(viewKinds)
  #looked = false
  /** Place of the last commit when all live enrolments were looked at last. */
  #seen: number | undefined
  #signal = AbortSignal.abort()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#outages = new Outages(parts, 'Kubernetes does not show the enrolments as they are')
  }

  /** One sentence with a command, if the cluster was set up by an earlier version. */
  get remedies(): string[] {
    const problem = this.#outages.notSetUp
    return problem === undefined
      ? []
      : [`Kubernetes does not show the enrolments (kubectl get enrolments): ${problem.message}; ${setupRemedy}`]
  }

  /** Runs until `signal` aborts. Resolves when no look and no write is under way any more. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    for (const kind of viewKinds) {
      this.#parts.views.watch(
        kind,
        (view) => {
          if (this.#shown[kind].told(view))
            this.#add({ kind, name: view.name, spreads: false }, this.#parts.budget.putBack)
        },
        () => {
          this.#lost.add(kind)
          this.#looking.wake()
        },
        signal
      )
    }
    await Promise.all([...this.#lanes.map((lane) => this.#writeOn(lane)), this.#lookOn()])
  }

  /** Takes note of the enrolments that a commit writes or deletes. Costs the caller nothing. */
  take({ change }: Pick<Committed, 'change'>): void {
    const arriving = new Set(change.enrolments?.filter(isArriving).map(({ id }) => id))
    for (const id of enrolmentsIn(change)) {
      this.#add({ kind: 'enrolments', name: id, spreads: true }, arriving.has(id) ? this.#parts.budget.arriving : 0)
    }
  }

  #add(target: Target, delay = 0): void {
    const { monotonic, budget } = this.#parts
    const last = this.#wrote.get(keyOf(target)) ?? Number.NEGATIVE_INFINITY
    this.#due.add(target, Math.max(monotonic() + delay, last + budget.each))
    for (const lane of this.#lanes) lane.wake()
  }

  /** Writes on, one object at a time. A lane in which a write takes long holds up no other. */
  async #writeOn(nap: Nap): Promise<void> {
    const { monotonic } = this.#parts
    const turn = shortTurns()
    while (!this.#signal.aborted) {
      if (await this.#mustWait('write')) continue
      await turn()
      const target = this.#due.take(monotonic(), this.#busy)
      if (target === undefined) {
        this.#forgetWrites()
        await nap.sleep(this.#due.next(this.#busy) - monotonic(), this.#signal)
        continue
      }
      this.#busy.add(keyOf(target))
      await this.#writeOne(target)
      this.#busy.delete(keyOf(target))
      // it may be due again, while the other lanes wait for something later
      for (const lane of this.#lanes) lane.wake()
    }
  }

  /** Writes an object, unless something keeps the server from it. Then the object stays due. */
  async #writeOne(target: Target): Promise<void> {
    if (this.#signal.aborted) return
    // what failed for one fails for all
    if (this.#outages.pause('write') > 0) return this.#due.add(target, this.#parts.monotonic())
    try {
      if (await this.#write(target)) this.#outages.worked('write')
    } catch (error) {
      if (this.#signal.aborted) return
      this.#outages.failed('write', error)
      this.#add(target)
    }
  }

  /** Makes the object as it must be. True if the API server was asked, and answered. */
  async #write(target: Target): Promise<boolean> {
    const { views } = this.#parts
    const { kind, name } = target
    const shown = this.#shown[kind]
    const view = await this.#mustBe(target)
    if (view === 'unknown') return false
    const must = view && observed(view, shown.get(name)?.generation ?? firstGeneration)
    const hash = must && hashOf(must)
    const isAsItMust = (): boolean => shown.get(name)?.hash === hash
    if (isAsItMust()) return false
    await this.#haveRoom()
    // a new object is made, and then gets its status
    if (must !== undefined && shown.get(name) === undefined) await this.#haveRoom()
    // a list may have shown it meanwhile
    if (this.#signal.aborted || isAsItMust()) return false
    this.#noteWrite(keyOf(target))
    if (must === undefined || hash === undefined) {
      await views.remove(kind, name)
      shown.forget(name)
      return true
    }
    const result = await views.put(kind, name, must, shown.get(name)?.version)
    if ('version' in result) shown.written(name, result.version, hash)
    else if ('refused' in result) this.#refuse(target, result.refused)
    else {
      shown.read(name, await views.read(kind, name))
      this.#add(target)
    }
    return true
  }

  /** The view that the object must have. Undefined if there must be none; `unknown` if that cannot be said now. */
  async #mustBe({ kind, name, spreads }: Target): Promise<View | undefined | 'unknown'> {
    if (kind === 'installations') return name === installationName ? (this.#installation ?? 'unknown') : undefined
    const { store, machines, lifetimes } = this.#parts
    const enrolment = await store.enrolment(name)
    if (enrolment === undefined) return undefined
    const named = await store.enrolmentsByName(enrolment.name)
    if (spreads) this.#addNamesakes(enrolment, named)
    const nameConflict = conflictOf(enrolment, named)
    return viewOf(await machines.withCheck(enrolment), { nameConflict, expires: expiry(enrolment, lifetimes) })
  }

  #addNamesakes(enrolment: EnrolmentDocument, named: readonly EnrolmentDocument[]): void {
    const others = othersThan(enrolment, named).filter((other) => !hasEnded(other))
    for (const { id } of others.slice(0, namesakesAtMost)) {
      this.#add({ kind: 'enrolments', name: id, spreads: false })
    }
  }

  #refuse(target: Target, reason: string): void {
    if (this.#refused.size === 0) {
      const { kind, name } = target
      this.#parts.log.warn({ kind, name, reason }, 'the API server does not take what it must show; it is tried again')
    }
    this.#refused.set(keyOf(target), target)
  }

  /** Waits until the budget of writes has one left. */
  async #haveRoom(): Promise<void> {
    const { monotonic, budget } = this.#parts
    for (;;) {
      const taken = take(this.#bucket, monotonic(), budget.writes)
      if ('fullAt' in taken) {
        this.#bucket = taken.fullAt
        return
      }
      await new Nap().sleep(taken.wait, this.#signal)
      if (this.#signal.aborted) return
    }
  }

  #noteWrite(key: string): void {
    // the last write is the last one of the map
    this.#wrote.delete(key)
    this.#wrote.set(key, this.#parts.monotonic())
  }

  #forgetWrites(): void {
    const { monotonic, budget } = this.#parts
    const over = monotonic() - budget.each
    for (const [key, at] of this.#wrote) {
      if (at > over) return
      this.#wrote.delete(key)
    }
  }

  async #lookOn(): Promise<void> {
    while (!this.#signal.aborted) {
      if (await this.#mustWait('look')) continue
      const kinds = this.#lost.size > 0 ? [...this.#lost] : viewKinds
      this.#lost.clear()
      try {
        await this.#look(kinds)
        this.#outages.worked('look')
      } catch (error) {
        if (this.#signal.aborted) return
        this.#outages.failed('look', error)
        for (const kind of kinds) this.#lost.add(kind)
      }
      if (this.#lost.size === 0) await this.#looking.sleep(this.#parts.budget.sweep, this.#signal)
    }
  }

  /** Looks at all objects, and finds those that are not as they must be, whatever the watch missed. */
  async #look(kinds: readonly ViewKind[]): Promise<void> {
    await this.#lookAtInstallation()
    for (const kind of kinds) await this.#list(kind)
    if (this.#signal.aborted) return
    for (const target of this.#refused.values()) this.#add(target)
    this.#refused.clear()
    await this.#addSome()
    this.#looked = true
  }

  /** Finds out what the Installation must be. If the cluster does not say its endpoint, only the Installation stays as it is. */
  async #lookAtInstallation(): Promise<void> {
    try {
      this.#installation = await this.#parts.installation()
      this.#add({ kind: 'installations', name: installationName, spreads: false })
      this.#outages.worked('installation')
    } catch (error) {
      this.#outages.failed('installation', error)
    }
  }

  /** Lists all objects of the kind. A list that the API server has forgotten begins again, a bounded number of times. */
  async #list(kind: ViewKind): Promise<void> {
    for (let left = tries; left > 0; left -= 1) {
      if (await this.#listOnce(kind)) return
    }
    throw new ProblemError('cluster-unavailable', { detail: 'the API server forgot a list before it was read (410)' })
  }

  /** True if the list was read to its end. */
  async #listOnce(kind: ViewKind): Promise<boolean> {
    const { views, budget } = this.#parts
    const shown = this.#shown[kind]
    let next: string | undefined
    shown.begin()
    do {
      // the first look must be over soon
      if (next !== undefined && this.#looked) await new Nap().sleep(budget.page, this.#signal)
      if (this.#signal.aborted) return true
      const page = await views.page(kind, next)
      if (page === undefined) return false
      const changed = page.items.filter((view) => shown.listed(view))
      for (const { name } of changed) this.#add({ kind, name, spreads: false })
      next = page.next
    } while (next !== undefined)
    for (const name of shown.end()) this.#add({ kind, name, spreads: false })
    return true
  }

  /** Adds the enrolments whose view may have changed without a commit of their own; at the first look all of them. */
  async #addSome(): Promise<void> {
    const { store, commits } = this.#parts
    const { place } = commits
    // before it, the objects of enrolments that changed while no server ran are old
    const states = this.#seen === undefined ? [undefined] : statesThat(place === this.#seen ? isOnItsWay : isLive)
    for (const state of states) {
      for await (const { item } of store.walkEnrolments(0, state && { state })) {
        if (this.#signal.aborted) return
        this.#add({ kind: 'enrolments', name: item.id, spreads: false })
      }
    }
    this.#seen = place
  }

  /** Waits if the act cannot be done now. False if it can. */
  async #mustWait(act: 'look' | 'write'): Promise<boolean> {
    const { machines, budget } = this.#parts
    // without the Nodes the server's own check of a machine is not known: it would be shown, taken back, and shown again
    const pause = Math.max(this.#outages.pause(act), machines.knowsNodes ? 0 : budget.each / 4)
    if (pause === 0) return false
    await new Nap().sleep(pause, this.#signal)
    return true
  }
}
