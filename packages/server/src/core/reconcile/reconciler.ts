import {
  isArriving,
  isReconciled,
  type KeyAlgorithm,
  type Lifetimes,
  ProblemError,
  statesThat
} from '@joinery/protocol'
import type { Clock, Monotonic } from '../base/clock.ts'
import { inTurns } from '../base/in-turns.ts'
import type { Logger } from '../base/log.ts'
import { shortTurns } from '../base/short-turns.ts'
import { sideBySide } from '../base/side-by-side.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import { banReason } from '../credentials/ban-reason.ts'
import type { Bans } from '../credentials/bans.ts'
import type { Bounds } from '../credentials/bounds.ts'
import type { Giving, TakingAway } from '../credentials/cluster-guard.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { takeAwayNode } from '../credentials/take-away-node.ts'
import { readAhead } from '../enrolment/csr/csr-request.ts'
import { JudgedCsrs } from '../enrolment/csr/judged-csrs.ts'
import { decideSeen } from '../enrolment/decide-seen.ts'
import { entry } from '../enrolment/decision/decision.ts'
import { decideLabelled } from '../enrolment/decision/labels-and-taints.ts'
import { endedByClock, isAwaited, leftovers } from '../enrolment/facts/attempts.ts'
import { nodeStamp } from '../enrolment/facts/node.ts'
import { ownersOf } from '../enrolment/name/whose-name.ts'
import type { Labelling } from '../enrolment/node/node-to-label.ts'
import type { Generations } from '../generation/generations.ts'
import type { ApiSight } from '../ports/cluster/api-sight.ts'
import { askClusterTime } from '../ports/cluster/cluster-clock.ts'
import type { ClusterSettings } from '../ports/cluster/cluster-settings.ts'
import type { Csr, Csrs } from '../ports/cluster/csrs.ts'
import type { ClusterNode, Nodes } from '../ports/cluster/nodes.ts'
import { DocumentTooLarge } from '../ports/store/document-too-large.ts'
import type { EnrolmentDocument, EnrolmentHead } from '../ports/store/documents/enrolment-document.ts'
import type { Sights } from '../ports/store/sights.ts'
import type { Store } from '../ports/store/store.ts'
import type { Housekeeping } from '../retention/housekeeping.ts'
import type { ClockWatch } from './clock-watch.ts'
import { inSight } from './in-sight.ts'
import { type Judged, LeftAlone } from './left-alone.ts'
import { NodeConditions } from './node-conditions.ts'
import type { Outsiders } from './outsiders.ts'
import { type ReadKubeletKeys, readKubeletKeys } from './read-kubelet-keys.ts'
import type { ServiceGates } from './service-gates.ts'
import type { ServingCertificates, ServingRequests } from './serving-certificates.ts'
import { settleStrays } from './settle-strays.ts'
import { isNothing, type Work, workFor } from './work.ts'

interface Parts {
  store: Store
  sights: Pick<Sights, 'headsByToken'>
  cluster: ApiSight & Csrs & Nodes & Pick<ClusterSettings, 'nodeConfiguration'>
  giving: Giving
  takingAway: TakingAway
  clock: Clock
  monotonic: Monotonic
  clocks: Pick<ClockWatch, 'look'>
  enrolments: Enrolments
  lifetimes: Lifetimes
  credentials: Credentials
  bans: Pick<Bans, 'follow'>
  bounds: Bounds
  /** Undefined if the server is not set to approve serving certificates. */
  servingCertificates: ServingCertificates | undefined
  gates: Pick<ServiceGates, 'isBusy' | 'isWaiting' | 'keep' | 'look'>
  outsiders: Outsiders
  housekeeping: Pick<Housekeeping, 'sweep'>
  generations: Pick<Generations, 'follow'>
  log: Logger
}

/**
 * Names that are reconciled side by side. Enrolments of one name share its Node and its ban, so they are reconciled in turn. What is
 * decided at the same time shares a commit, and with the store in the cluster a commit is a write to etcd.
 */
const namesAtOnce = 64

/** Time since which the cluster is out of reach, or refuses something, and the reason. */
export interface Outage {
  since: Date
  reason: string
  /** Seconds after which it can be asked again, if it answered that it cannot serve now. */
  retryAfter: number | undefined
}

/** The things that a pass sees of one enrolment in the cluster: the requests by its credentials, and its Node. */
interface SeenOfIt {
  csrs: readonly Csr[]
  /** The keys that the cluster's kubelets make for their client certificate. */
  algorithm: KeyAlgorithm
  node: ClusterNode | undefined
  /** True in the pass of each minute. */
  sweep: boolean
}

/**
 * Brings the store and the cluster together: lists CSRs and Nodes, decides for each enrolment, commits, then acts. Every pass
 * starts from what is true now, so the next pass makes good a pass that was cut anywhere.
 */
export class Reconciler {
  readonly #parts: Parts
  readonly #judged = new JudgedCsrs()
  readonly #conditions: NodeConditions
  readonly #keys: ReadKubeletKeys
  #outage: Outage | undefined
  /** Turn of `settleBannedLeases`. */
  #turn = 0
  #nodes: readonly ClusterNode[] | undefined
  /** Stamps of those Nodes, by name. */
  #stamps: ReadonlyMap<string, string> = new Map()
  readonly #leftAlone = new LeftAlone()
  /** Enrolments with a credential that was deleted and can still come: the sweep deletes it once more. */
  #leftToSweep = new LeftAlone()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#conditions = new NodeConditions(parts.monotonic)
    this.#keys = readKubeletKeys(parts.cluster, parts.monotonic)
  }

  /** Nodes as the last pass saw them. Undefined before the first pass. */
  get nodes(): readonly ClusterNode[] | undefined {
    return this.#nodes
  }

  /** Outage as the last pass found it. Undefined while the cluster answers. */
  get outage(): Outage | undefined {
    return this.#outage
  }

  /** The outage in words. */
  get trouble(): string | undefined {
    return this.#outage && `cluster unreachable since ${this.#outage.since.toISOString()}: ${this.#outage.reason}`
  }

  /** True if something that the server reads of the Node is not as the last pass saw it. */
  isNews(node: ClusterNode): boolean {
    return this.#stamps.get(node.name) !== nodeStamp(node)
  }

  /**
   * Passes over all enrolments that are beyond `pending` and not settled. `sweep`: also over those that have been pending for
   * too long. Once `signal` aborts it begins nothing more.
   */
  async pass(sweep: boolean, signal?: AbortSignal): Promise<void> {
    // attempts from before a restart end by this time; a cluster that does not answer is told of below
    await askClusterTime(this.#parts.cluster, this.#parts.clock).catch(() => undefined)
    if (sweep) await this.#sweep()
    await this.#expireOthers()
    await this.#ask(async () => {
      const { cluster, servingCertificates, outsiders, generations } = this.#parts
      // nothing is done by a store that may be older than the cluster knows
      await generations.follow(sweep)
      const othersTurn = shortTurns()
      const [csrs, nodes] = await Promise.all([cluster.kubeletCsrs(), this.#lookAtNodes()])
      const serving = await servingCertificates?.look(nodes, this.#keys)
      this.#judged.keep(csrs)
      const seen = await inSight(this.#parts, nodes, csrs)
      this.#leftAlone.keep(seen.heads)
      this.#parts.gates.keep(seen.heads)
      if (sweep) this.#leftToSweep = new LeftAlone()
      const claimed = seen.heads.filter(({ claimed }) => claimed)
      const byName = new Map(nodes.map((node) => [node.name, node]))
      const owners = ownersOf(claimed)
      const refused: Error[] = []
      const reconcile = async (head: EnrolmentHead): Promise<void> => {
        if (signal?.aborted) return
        const owner = owners.get(head.name) ?? head.id
        const node = owner === head.id ? byName.get(head.name) : undefined
        const own = seen.csrsOf(head)
        await this.#reconcileUnlessDone(head, { csrs: own, node, serving, sweep }).catch(async (error: Error) => {
          // an enrolment that fails must not hold up the others; a cluster that is out of reach fails for all
          if (!isOfCluster(error)) return this.#lookAgain(head, error)
          await cluster.version()
          refused.push(new Error(`${head.name}: ${error.message}`, { cause: error }))
        })
      }
      await sideBySide(Map.groupBy(claimed, ({ name }) => name).values(), namesAtOnce, async (ofOneName) => {
        for (const head of ofOneName) await reconcile(head)
        await othersTurn()
      })
      if (signal?.aborted) return
      const clocksAgree = this.#parts.clocks.look()
      if (sweep) {
        await this.#followBans()
        await this.#settleBannedLeases(nodes)
      }
      await outsiders.look(seen)
      // by a clock that is wrong by years, every enrolment would have ended long ago
      if (sweep && clocksAgree) await this.#parts.housekeeping.sweep(nodes, csrs)
      if (refused[0] !== undefined) throw refused[0]
    })
  }

  /** True while a machine is awaited, or the gates of its Node: the time to look often. */
  async busy(): Promise<boolean> {
    const { store, clock, gates } = this.#parts
    if (gates.isBusy) return true
    const onTheirWay = await store.enrolments(statesThat(isArriving))
    return onTheirWay.some((enrolment) => isAwaited(enrolment, clock.now()))
  }

  async #lookAtNodes(): Promise<readonly ClusterNode[]> {
    const nodes = await this.#parts.cluster.nodes()
    const stamps = await inTurns(nodes, (some) => some.map((node) => [node.name, nodeStamp(node)] as const))
    this.#stamps = new Map(stamps)
    this.#nodes = nodes
    return nodes
  }

  async #sweep(): Promise<void> {
    await this.#expirePending()
    // a cluster that does not answer is told of by the pass itself
    await this.#parts.bounds.look().catch(() => undefined)
  }

  /**
   * Compares the ban list with the store. A failure is no outage: the list is as it was, and each ban and claim is made for
   * itself.
   */
  async #followBans(): Promise<void> {
    const { bans, log } = this.#parts
    await bans.follow().catch((err: unknown) => {
      log.warn({ err }, 'the ban list could not be compared with the store; the server tries again')
    })
  }

  /** Labels the Leases of banned Nodes. A failure is no outage: only a heartbeat rests on it. */
  async #settleBannedLeases(nodes: readonly ClusterNode[]): Promise<void> {
    const { takingAway, log } = this.#parts
    try {
      this.#turn += 1
      const left = await takingAway.settleBannedLeases(nodes, this.#turn)
      if (left > 0) log.info({ left }, 'more Leases of banned Nodes are labelled at the next sweep')
    } catch (err) {
      log.warn({ err }, 'the Leases of banned Nodes could not be labelled; the server tries again')
    }
  }

  async #expirePending(): Promise<void> {
    const { store, clock, lifetimes } = this.#parts
    const enteredBy = new Date(clock.now().getTime() - (lifetimes.pending ?? 0))
    await this.#haveTheirTime(await store.enrolments(['pending'], enteredBy))
  }

  /** Ends all enrolments beyond `pending` whose time is over. */
  async #expireOthers(): Promise<void> {
    const { store, enrolments } = this.#parts
    const running = await store.enrolments(endedByClock)
    await this.#haveTheirTime(running.filter((enrolment) => enrolments.isOverdue(enrolment)))
  }

  /** Lets the clock end these enrolments. The clock is heard before every change, even one that changes nothing. */
  async #haveTheirTime(overdue: readonly EnrolmentDocument[]): Promise<void> {
    for (const enrolment of overdue) {
      await this.#parts.enrolments
        .change(enrolment.id, () => undefined)
        .catch((error: unknown) => {
          // its own fault: the others have their time
          if (!(error instanceof DocumentTooLarge)) throw error
          this.#lookAgain(enrolment, error)
        })
    }
  }

  /** Reconciles an enrolment. One for which nothing is left to do is neither read again nor written. */
  async #reconcileUnlessDone(
    head: EnrolmentHead,
    { csrs: listed, node, serving, sweep }: Omit<SeenOfIt, 'algorithm'> & { serving: ServingRequests | undefined }
  ): Promise<void> {
    const judgedBy = (revision: number): Judged => ({
      revision,
      node: node && this.#stamps.get(node.name),
      csrs: [...listed, ...(serving?.of(head.name) ?? [])]
    })
    const before = judgedBy(head.revision)
    if (this.#leftAlone.has(head.id, before) || this.#leftToSweep.has(head.id, before)) return
    const enrolment = await this.#parts.store.enrolment(head.id)
    // the enrolment has changed since its head was read, and the next pass has it
    if (enrolment === undefined || !isReconciled(enrolment) || enrolment.join.attempts.length === 0) return
    const { csrs, unseen, isWhole } = this.#judged.turn(listed)
    const unjudged = this.#judged.unjudged(enrolment, csrs)
    await readAhead(unseen.map(({ request }) => request))
    const { client: algorithm } = await this.#keys(csrs)
    const seen = { csrs, algorithm, node, sweep }
    const now = this.#parts.clock.now()
    const first = decideSeen(enrolment, unjudged, node, algorithm, now)
    if (first === undefined) this.#judged.note(enrolment, csrs)
    const waits = this.#parts.gates.isWaiting(enrolment, node)
    const isDone =
      first === undefined &&
      !waits &&
      !this.#parts.enrolments.isOverdue(enrolment) &&
      isNothing(this.#workFor(enrolment, seen)) &&
      (serving?.isDone(enrolment, now) ?? true)
    if (isDone) {
      if (!isWhole) return
      const left = leftovers(enrolment).length > 0 ? this.#leftToSweep : this.#leftAlone
      // by a deadline or a silence, what a pass decides of these is another thing at another time
      if (!isArriving(enrolment)) left.note(head.id, judgedBy(enrolment.revision))
      return
    }
    const after = await this.#decide(enrolment, seen)
    const work = this.#workFor(after, seen)
    await this.#act(after, work, sweep)
    await serving?.answer(enrolment, node)
    await this.#deny(work)
    await this.#parts.gates.look(after, node)
  }

  #workFor(enrolment: EnrolmentDocument, { csrs, algorithm, node, sweep }: SeenOfIt): Work {
    return workFor(enrolment, csrs, node, this.#parts.credentials.hasToDelete(enrolment, sweep), algorithm)
  }

  async #decide({ id }: EnrolmentDocument, { csrs, algorithm, node }: SeenOfIt): Promise<EnrolmentDocument> {
    const { enrolments } = this.#parts
    let judged: number | undefined
    const after = await enrolments.change(id, (current, now) => {
      const unjudged = this.#judged.unjudged(current, csrs)
      const decision = decideSeen(current, unjudged, node, algorithm, now, (before, decided) =>
        this.#conditions.withinBudget(before, decided)
      )
      judged = decision === undefined ? current.revision : undefined
      return decision
    })
    // a decision makes another document, and for that the requests are judged once more
    if (judged === after.revision) this.#judged.note(after, csrs)
    return after
  }

  /** Does the work in the cluster but for denials. They come last, after the answers to serving certificates. */
  async #act(
    enrolment: EnrolmentDocument,
    { unwanted, toApprove, isToSettle, labelling, hasStrays, halfJoined }: Work,
    sweep: boolean
  ): Promise<void> {
    const { giving, credentials } = this.#parts
    if (unwanted !== undefined) await takeAwayNode(this.#parts, enrolment, unwanted)
    if (toApprove !== undefined) await giving.approveCsr(toApprove)
    if (isToSettle) await credentials.settle(enrolment, sweep)
    if (labelling !== undefined) await this.#label(enrolment, labelling)
    if (hasStrays) await settleStrays(this.#parts, enrolment, this.#nodes ?? [])
    if (halfJoined !== undefined) await this.#deleteHalfJoined(enrolment, halfJoined)
  }

  /** Denies requests, at each pass until each is seen denied. What is cut here, or not allowed yet, is done again. */
  async #deny({ toDeny }: Work): Promise<void> {
    for (const { csr, fault } of toDeny) {
      await this.#parts.takingAway.denyCsr(csr, fault).catch((error: unknown) => {
        // somebody approved it meanwhile: what is issued is looked at
        if (!(error instanceof ProblemError && error.code === 'illegal-event')) throw error
      })
    }
  }

  /** Labels the Node, and notes it afterwards. After a crash between the two it is done again, which changes nothing. */
  async #label({ id }: EnrolmentDocument, { node, allowed, refused, first }: Labelling): Promise<void> {
    const { name, uid } = node
    await this.#parts.giving.setLabelsAndTaints({ name, uid }, allowed)
    if (first) await this.#parts.enrolments.change(id, (current, now) => decideLabelled(current, uid, refused, now))
  }

  /**
   * Bans the name and deletes the Node of a join that failed. The ban stays until the next claim: a kubelet that was not
   * stopped must not bring the Node back.
   */
  async #deleteHalfJoined({ id, name }: EnrolmentDocument, { uid }: ClusterNode): Promise<void> {
    const { takingAway, enrolments } = this.#parts
    await takingAway.ban(name, banReason(id, 'its join failed, and the next claim lifts this'))
    await takingAway.deleteNode({ name, uid })
    await enrolments.change(id, (enrolment, now) => ({
      enrolment,
      entries: [entry(now, 'server', 'node-deleted', `Node ${name}, uid ${uid}, of a join that failed`)]
    }))
  }

  #lookAgain({ id }: Pick<EnrolmentHead, 'id'>, err: Error): void {
    this.#parts.log.error({ enrolment: id, err }, 'could not be reconciled; the server tries again')
  }

  /** Does `work`, and remembers since when the cluster does not answer. Says so once. */
  async #ask(work: () => Promise<void>): Promise<void> {
    const { log, clock } = this.#parts
    try {
      await work()
      if (this.#outage !== undefined) log.info('the cluster answers again')
      this.#outage = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (this.#outage === undefined) log.warn({ reason }, 'the cluster does not answer')
      this.#outage = { since: this.#outage?.since ?? clock.now(), reason, retryAfter: retryAfterOf(error) }
    }
  }
}

/** Seconds from a refusal by the cluster, or from an error that was made of one. */
const retryAfterOf = (error: unknown): number | undefined => {
  if (error instanceof ProblemError) return error.retryAfter
  return error instanceof Error && error.cause !== undefined ? retryAfterOf(error.cause) : undefined
}

const isOfCluster = (error: Error): boolean =>
  error instanceof ProblemError && (error.code === 'cluster-unavailable' || error.code === 'cluster-unsafe')
