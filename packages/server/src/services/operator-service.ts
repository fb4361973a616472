import {
  type ApproveRequest,
  type CredentialKind,
  type Enrolment,
  type EnrolmentDetail,
  type EnrolmentQuery,
  escapeText,
  type GrantRequest,
  type Lifetimes,
  type List,
  live,
  type NameHolder,
  ProblemError,
  type RetryRequest
} from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import { inTurns } from '../base/in-turns.ts'
import type { Cluster, ClusterNode } from '../cluster/cluster.ts'
import type { Decide, Enrolments } from '../commit/enrolments.ts'
import type { UniqueMachines } from '../commit/unique-machines.ts'
import { roomReason } from '../credentials/ban-reason.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { takeAwayNode } from '../credentials/take-away-node.ts'
import { expiry, signed } from '../enrolment/decision/decision.ts'
import { requireStableEndpoint } from '../enrolment/facts/control-plane.ts'
import { credentialOf, requireOffered } from '../enrolment/facts/credential-kind.ts'
import { onItsWay } from '../enrolment/facts/on-its-way.ts'
import { shownRevision } from '../enrolment/facts/shown-revision.ts'
import { requireFreeName } from '../enrolment/name/free-name.ts'
import { claimantOf, conflictOf, formerOf, holderOf, othersThan, takenBy } from '../enrolment/name/whose-name.ts'
import { decideNode } from '../enrolment/node/decide-node.ts'
import { decideApprove, decideRetry } from '../enrolment/verbs/approve.ts'
import { decideGrant } from '../enrolment/verbs/grant.ts'
import { decideReject } from '../enrolment/verbs/reject.ts'
import { decideRelease } from '../enrolment/verbs/release.ts'
import { decideRemove, requireDeletable } from '../enrolment/verbs/remove.ts'
import { decideReplace, requireSameNode } from '../enrolment/verbs/replace.ts'
import { holderView, operatorView } from '../enrolment/views.ts'
import { takePage, walkedTo } from '../store/list-page.ts'
import type { EnrolmentDocument, Store } from '../store/store.ts'
import type { ReadClusterFacts } from './cluster-facts.ts'

interface Parts {
  store: Store
  cluster: Cluster
  clock: Clock
  enrolments: Enrolments
  credentials: Credentials
  /** As the server is set: see `requireOffered`. */
  credential: CredentialKind
  machines: UniqueMachines
  clusterFacts: ReadClusterFacts
  lifetimes: Lifetimes
  /** Why the cluster is out of reach, as the reconciler last saw it. */
  trouble: () => string | undefined
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/** What an operator may do with enrolments. `reference` is an enrolment's id or its node name; `by`: which operator, where that is known. */
export class OperatorService {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Throws `invalid-request`. */
  async list(asked: EnrolmentQuery = {}): Promise<List<Enrolment>> {
    const { store } = this.#parts
    const { state, name, role, code } = asked
    const which = { ...(state !== undefined && { state }), ...(name !== undefined && { name }) }
    const fits = (one: EnrolmentDocument): boolean =>
      (role === undefined || one.role === role) && (code === undefined || one.code === code)
    const { items, next } = await takePage(store.walkEnrolments(walkedTo(asked), which), fits, asked)
    const isAll = Object.keys(asked).length === 0
    const byName = isAll ? Map.groupBy(items, (enrolment) => enrolment.name) : undefined
    const views = await inTurns(items, (some) =>
      Promise.all(
        some.map(async (enrolment) => {
          const named = byName?.get(enrolment.name) ?? (await store.enrolmentsByName(enrolment.name))
          return this.#view(enrolment, { named, nameConflict: conflictOf(enrolment, named) })
        })
      )
    )
    return { items: views, ...(next !== undefined && { metadata: { continue: next } }) }
  }

  async show(reference: string): Promise<EnrolmentDetail> {
    const { store, cluster } = this.#parts
    const found = await this.#find(reference)
    // asked for together: whoever decides meanwhile is in both or in neither
    const [enrolment = found, timeline] = await Promise.all([store.enrolment(found.id), store.timeline(found.id)])
    const own = enrolment.attempts.length > 0
    const holder = own ? undefined : await cluster.nameHolder(enrolment.name).catch(() => undefined)
    const named = await store.enrolmentsByName(enrolment.name)
    const nameConflict = conflictOf(enrolment, named) ?? holder
    return { ...(await this.#view(enrolment, { named, nameConflict })), ...(await this.#beside(enrolment)), timeline }
  }

  /** What a control plane would come to; nothing of one that is there, or where the cluster does not answer. */
  async #beside({ role, state }: EnrolmentDocument): Promise<Pick<EnrolmentDetail, 'controlPlanes' | 'etcd'>> {
    if (role === 'worker' || !onItsWay.includes(state)) return {}
    const facts = await this.#parts.clusterFacts().catch(() => undefined)
    if (facts === undefined) return {}
    const { controlPlanes, etcd } = facts
    return { controlPlanes: controlPlanes.length, ...(etcd !== undefined && { etcd }) }
  }

  /**
   * `replace`: the Node of the name makes room first, with its enrolment; it may be done again until the name is free. The same
   * approval again is the one that is there. Throws
   * `name-in-use`, `revision-changed`, `illegal-event`, `credential-unavailable`, `no-stable-endpoint`, `cluster-unavailable`.
   */
  async approve(reference: string, shown: ApproveRequest, by?: string): Promise<Enrolment> {
    const found = await this.#find(reference)
    const { preflight } = await this.#parts.machines.withCheck(found)
    const decideAs = (seen: ApproveRequest) => (enrolment: EnrolmentDocument, now: Date) =>
      signed(by, decideApprove(enrolment, seen, preflight, now))
    // what is not possible anyway is said before a Node goes
    if (decideAs(shown)(found, this.#parts.clock.now()) === undefined) return this.#view(found)
    await this.#requirePossible(found)
    const seen = shown.replace === undefined ? shown : await this.#makeRoom(found, shown, shown.replace.uid, by)
    return this.#allow(found.id, decideAs(seen))
  }

  /**
   * Takes the Node with that uid out of the way; one that is gone is success. What goes over to the new one is durable before
   * that. Gives what is shown by now.
   */
  async #makeRoom(
    found: EnrolmentDocument,
    shown: ApproveRequest,
    uid: string,
    by: string | undefined
  ): Promise<ApproveRequest> {
    const { id, name } = found
    const { store, cluster, clock, enrolments } = this.#parts
    const node = await this.#node(name)
    if (node === undefined) return shown
    requireSameNode(node, uid)
    const named = await store.enrolmentsByName(name)
    const former = holderOf(othersThan({ id }, named))
    requireDeletable(former, node, former && `joinery approve ${id} --replace`)
    // what would not be possible afterwards is said before anything goes; no third one can hold the name
    if (former !== undefined) decideRemove(former, clock.now())
    const revision = shownRevision(
      await enrolments.change(id, (current, now) => signed(by, decideReplace(current, shown, node, now)))
    )
    if (former !== undefined)
      await this.#takeAway(await enrolments.change(former.id, (one, now) => signed(by, decideRemove(one, now))), node)
    else {
      await cluster.ban(name, roomReason(id))
      await cluster.deleteNode(node)
    }
    return { ...shown, revision }
  }

  /** The same, and `already-enrolled`. */
  async retry(reference: string, shown: RetryRequest, by?: string): Promise<Enrolment> {
    const { id, key } = await this.#find(reference)
    const newest = await this.#parts.store.enrolmentByKey(key)
    return this.#allow(id, (enrolment, now) => signed(by, decideRetry(enrolment, shown, newest, now)))
  }

  /** Throws where no approval could lead to a join. */
  async #requirePossible(found: EnrolmentDocument): Promise<void> {
    requireOffered(credentialOf(found), this.#parts.credential)
    if (found.role === 'control-plane') requireStableEndpoint(await this.#parts.cluster.network())
  }

  /** A name is given only while nothing else has it. */
  async #allow(reference: string, decide: Decide): Promise<Enrolment> {
    const { store, cluster, clock, enrolments } = this.#parts
    const found = await this.#find(reference)
    // what is not possible anyway is said before the cluster is asked
    decide(found, clock.now())
    await this.#requirePossible(found)
    const other = takenBy(found, await store.enrolmentsByName(found.name))
    const holder = other ?? (await cluster.nameHolder(found.name))
    if (holder !== undefined) {
      const podsAreLeft = other === undefined && found.replaced !== undefined
      requireFreeName(found.name, holder, podsAreLeft ? againLater(found.name) : await this.#orReplace(found))
    }
    return this.#view(await enrolments.change(found.id, decide))
  }

  /** What else an operator can do whose machine waits for a name that a Node has. */
  async #orReplace({ id, name, state }: EnrolmentDocument): Promise<string | undefined> {
    if (state !== 'pending' || (await this.#node(name)) === undefined) return undefined
    return `where it takes the place of that machine: joinery approve ${id} --replace; else joinery reject ${id} --reason ...`
  }

  /** Keeps what root sealed for a control plane. Throws `illegal-event` and `revision-changed`. */
  async grant(reference: string, granted: GrantRequest, by?: string): Promise<Enrolment> {
    const { id } = await this.#find(reference)
    const decide = (enrolment: EnrolmentDocument, now: Date) => signed(by, decideGrant(enrolment, granted, now))
    return this.#view(await this.#parts.enrolments.change(id, decide))
  }

  async reject(reference: string, reason: string, by?: string): Promise<Enrolment> {
    return this.#end(reference, (enrolment, now) => signed(by, decideReject(enrolment, reason, now)))
  }

  async release(reference: string, key: string, by?: string): Promise<Enrolment> {
    const newest = await this.#parts.store.enrolmentByKey(key)
    return this.#end(reference, (enrolment, now) => signed(by, decideRelease(enrolment, key, newest, now)))
  }

  /** What has the name in the cluster now. Throws `cluster-unavailable`. */
  async holder(reference: string): Promise<NameHolder> {
    const { name } = await this.#find(reference)
    const [node, pods] = await Promise.all([this.#node(name), this.#parts.cluster.boundPods(name)])
    return holderView(node, pods)
  }

  /**
   * Bans the name and deletes the Node; a control plane's must be gone. Durable when it returns: what the cluster does not do
   * now the reconciler does.
   * Throws `illegal-event`, and `cluster-unavailable`, after which nothing has changed.
   */
  async remove(reference: string, by?: string): Promise<Enrolment> {
    const { store, clock, enrolments, nudge } = this.#parts
    const found = await this.#find(reference)
    // what is not possible anyway is said before the cluster is asked
    decideRemove(found, clock.now())
    const node = found.attempts.length === 0 ? undefined : await this.#node(found.name)
    // of a name that another machine has by now, nothing is taken away
    if (node !== undefined && claimantOf(othersThan(found, await store.enrolmentsByName(found.name))) === undefined) {
      requireDeletable(found, node, `joinery remove ${found.id}`)
    }
    const removed = await enrolments.change(found.id, (one, now) => signed(by, decideRemove(one, now)))
    const after = await this.#takeAway(removed, node).catch(() => {
      nudge()
      return removed
    })
    return this.#view(after)
  }

  async #takeAway(removed: EnrolmentDocument, node: ClusterNode | undefined): Promise<EnrolmentDocument> {
    const { credentials, enrolments } = this.#parts
    await credentials.settle(removed)
    if (node !== undefined) await takeAwayNode(this.#parts, removed, node)
    return enrolments.change(removed.id, (current, now) => decideNode(current, undefined, now))
  }

  async #node(name: string): Promise<ClusterNode | undefined> {
    return (await this.#parts.cluster.nodes()).find((node) => node.name === name)
  }

  async #end(reference: string, decide: Decide): Promise<Enrolment> {
    const { id } = await this.#find(reference)
    const enrolment = await this.#parts.enrolments.change(id, decide)
    await this.#parts.credentials.settle(enrolment).catch(() => undefined)
    return this.#view(enrolment)
  }

  /** `named`: all of the same name, where they are known. */
  async #view(
    enrolment: EnrolmentDocument,
    { named, nameConflict }: { named?: EnrolmentDocument[]; nameConflict?: string | undefined } = {}
  ): Promise<Enrolment> {
    const { store, machines, lifetimes, trouble } = this.#parts
    const expires = expiry(enrolment, lifetimes)
    const former = formerOf(enrolment, named ?? (await store.enrolmentsByName(enrolment.name)))
    return operatorView(await machines.withCheck(enrolment), { nameConflict, former, expires, trouble: trouble() })
  }

  /** By id, or by name: the live enrolment of that name, else its newest one. Two live ones must be told apart by id. */
  async #find(reference: string): Promise<EnrolmentDocument> {
    const { store } = this.#parts
    const byId = await store.enrolment(reference)
    if (byId !== undefined) return byId
    const named = await store.enrolmentsByName(reference)
    const alive = named.filter(({ state }) => live.includes(state))
    if (alive.length > 1) {
      throw new ProblemError('name-in-use', {
        detail: `${alive.length} live enrolments want the name ${reference}`,
        remedy: `use an id: ${firstFew(alive.map(({ id }) => id))}`
      })
    }
    const found = alive[0] ?? named.at(-1)
    if (found !== undefined) return found
    throw new ProblemError('not-found', {
      detail: `no enrolment has the name or id "${escapeText(reference)}"`,
      remedy: 'joinery list'
    })
  }
}

/** Whoever has a code without a name may ask for one name as often as it has uses. */
const firstFew = (ids: string[]): string => [...ids.slice(0, 5), ...(ids.length > 5 ? ['...'] : [])].join(', ')

/** Kubernetes collects the Pods of a Node that is gone. */
const againLater = (name: string): string =>
  `its Pods go with the Node, in a minute or two; then again: joinery approve ${name} --replace`
