import { type Lifetimes, ProblemError, type State, states } from '@joinery/protocol'
import type { Clock, Monotonic } from '../clock.ts'
import { type Cluster, type ClusterNode, type Csr, nodeUsername } from '../cluster/cluster.ts'
import { askClusterTime } from '../cluster/cluster-clock.ts'
import { banReason } from '../credentials/ban-reason.ts'
import type { Bans } from '../credentials/bans.ts'
import type { Bounds } from '../credentials/bounds.ts'
import { isToBan } from '../credentials/certificate-ban.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { leftovers } from '../enrolments/attempts.ts'
import { entry } from '../enrolments/decision.ts'
import type { Enrolments } from '../enrolments/enrolments.ts'
import { decideLabelled } from '../enrolments/labels-and-taints.ts'
import type { Logger } from '../log.ts'
import type { Outsiders } from '../nodes/outsiders.ts'
import type { Housekeeping } from '../retention/housekeeping.ts'
import { sideBySide } from '../side-by-side.ts'
import type { EnrolmentDocument, Store } from '../store/store.ts'
import type { ClockWatch } from './clock-watch.ts'
import { tokenUsername } from './csr-guard.ts'
import { readAhead } from './csr-request.ts'
import { csrsToDeny } from './csrs-to-deny.ts'
import { csrToApprove, decideCsrs } from './decide-csrs.ts'
import { decideNode } from './decide-node.ts'
import { halfJoinedNode } from './half-joined-node.ts'
import { JudgedCsrs } from './judged-csrs.ts'
import { NodeConditions } from './node-conditions.ts'
import { type Labelling, nodeToLabel } from './node-to-label.ts'
import { ownersOf } from './owners.ts'
import type { ServingCertificates } from './serving-certificates.ts'
import { settleStrays, unsettledStrays } from './stray-certificates.ts'
import { takeAwayNode } from './take-away-node.ts'

interface Parts {
  store: Store
  cluster: Cluster
  clock: Clock
  monotonic: Monotonic
  clocks: Pick<ClockWatch, 'look'>
  enrolments: Enrolments
  lifetimes: Lifetimes
  credentials: Credentials
  bans: Pick<Bans, 'follow'>
  bounds: Bounds
  /** Undefined where the server is not set to approve them. */
  servingCertificates: ServingCertificates | undefined
  outsiders: Outsiders
  housekeeping: Pick<Housekeeping, 'sweep'>
  log: Logger
}

/** Enrolments of one name share its Node and its ban: they are reconciled in turn, and different names side by side. */
const namesAtOnce = 16

/** What only waits, by the thousand perhaps, is read when its time is over. */
const beyondPending: readonly State[] = states.filter((state) => state !== 'pending')

/** Since when the cluster is out of reach, or refuses something, and why. */
export interface Outage {
  since: Date
  reason: string
}

/**
 * Brings the store and the cluster together: lists CSRs and Nodes, decides for each enrolment, commits, then acts. Every
 * pass starts from what is true now, so a pass that was cut anywhere is made good by the next one.
 */
export class Reconciler {
  readonly #parts: Parts
  readonly #judged = new JudgedCsrs()
  readonly #conditions: NodeConditions
  #outage: Outage | undefined
  /** Of `settleBannedLeases`. */
  #turn = 0
  #nodes: readonly ClusterNode[] | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#conditions = new NodeConditions(parts.monotonic)
  }

  /** As the last pass saw them; undefined before one did. */
  get nodes(): readonly ClusterNode[] | undefined {
    return this.#nodes
  }

  /** As the last pass found it; undefined while the cluster answers. */
  get outage(): Outage | undefined {
    return this.#outage
  }

  /** The outage in words. */
  get trouble(): string | undefined {
    return this.#outage && `cluster unreachable since ${this.#outage.since.toISOString()}: ${this.#outage.reason}`
  }

  /** Over all that is beyond `pending`; `sweep`: also over what is pending and has been for too long. */
  async pass(sweep: boolean): Promise<void> {
    // by which attempts of before a restart end; a cluster that does not answer is told of below
    await askClusterTime(this.#parts.cluster, this.#parts.clock).catch(() => undefined)
    if (sweep) await this.#sweep()
    const enrolments = (await this.#judgedByClock()).filter(({ attempts }) => attempts.length > 0)
    await this.#ask(async () => {
      const { cluster, servingCertificates, outsiders } = this.#parts
      const [csrs, nodes] = await Promise.all([cluster.kubeletCsrs(), this.#lookAtNodes()])
      const answerServing = await servingCertificates?.look(nodes)
      this.#judged.keep(csrs)
      const byRequester = Map.groupBy(csrs, ({ username }) => username)
      const byName = new Map(nodes.map((node) => [node.name, node]))
      const owners = ownersOf(enrolments)
      const refused: Error[] = []
      const reconcile = async (enrolment: EnrolmentDocument): Promise<void> => {
        const owner = owners.get(enrolment.name) ?? enrolment.id
        const node = owner === enrolment.id ? byName.get(enrolment.name) : undefined
        const own = requestersOf(enrolment).flatMap((requester) => byRequester.get(requester) ?? [])
        await readAhead(this.#judged.unseen(own).map(({ request }) => request))
        await this.#reconcile(enrolment, own, node, sweep)
          .then(async (after) => {
            await answerServing?.(enrolment, node)
            await this.#deny(after, own)
          })
          .catch(async (error: Error) => {
            // one that fails must not hold up the others; a cluster that is out of reach fails for all
            if (!isOfCluster(error)) return this.#lookAgain(enrolment, error)
            await cluster.version()
            refused.push(new Error(`${enrolment.name}: ${error.message}`, { cause: error }))
          })
      }
      await sideBySide(Map.groupBy(enrolments, ({ name }) => name).values(), namesAtOnce, async (ofOneName) => {
        for (const enrolment of ofOneName) await reconcile(enrolment)
      })
      if (sweep) {
        this.#parts.clocks.look()
        await this.#followBans()
        await this.#settleBannedLeases(nodes)
      }
      await outsiders.look({ nodes, csrs, enrolments })
      if (sweep) await this.#parts.housekeeping.sweep(nodes, csrs)
      if (refused[0] !== undefined) throw refused[0]
    })
  }

  /** True while a machine is between claim and Ready: the time to look often. */
  async busy(): Promise<boolean> {
    return (await this.#parts.store.enrolments(['joining', 'joined'])).length > 0
  }

  async #lookAtNodes(): Promise<readonly ClusterNode[]> {
    this.#nodes = await this.#parts.cluster.nodes()
    return this.#nodes
  }

  async #sweep(): Promise<void> {
    await this.#expirePending()
    // a cluster that does not answer is told of by the pass itself
    await this.#parts.bounds.look().catch(() => undefined)
  }

  /** What it cannot do is no outage: the list is as it was, and each ban and claim is made for itself. */
  async #followBans(): Promise<void> {
    const { bans, log } = this.#parts
    await bans.follow().catch((err: unknown) => {
      log.warn({ err }, 'the ban list could not be compared with the store; it is tried again')
    })
  }

  /** What it cannot do is no outage: a heartbeat alone rests on it. */
  async #settleBannedLeases(nodes: readonly ClusterNode[]): Promise<void> {
    const { cluster, log } = this.#parts
    try {
      this.#turn += 1
      const left = await cluster.settleBannedLeases(nodes, this.#turn)
      if (left > 0) log.info({ left }, 'more Leases of banned Nodes are labelled at the next sweep')
    } catch (err) {
      log.warn({ err }, 'the Leases of banned Nodes could not be labelled; it is tried again')
    }
  }

  async #expirePending(): Promise<void> {
    const { store, clock, lifetimes } = this.#parts
    const enteredBy = new Date(clock.now().getTime() - (lifetimes.pending ?? 0))
    await this.#haveTheirTime(await store.enrolments(['pending'], enteredBy))
  }

  async #judgedByClock(): Promise<EnrolmentDocument[]> {
    const { store, enrolments } = this.#parts
    const seen = await store.enrolments(beyondPending)
    const overdue = seen.filter((enrolment) => enrolments.isOverdue(enrolment))
    await this.#haveTheirTime(overdue)
    return overdue.length === 0 ? seen : store.enrolments(beyondPending)
  }

  /** The clock has its say before every change, also before none. */
  async #haveTheirTime(overdue: readonly EnrolmentDocument[]): Promise<void> {
    for (const { id } of overdue) await this.#parts.enrolments.change(id, () => undefined)
  }

  async #reconcile(
    enrolment: EnrolmentDocument,
    csrs: readonly Csr[],
    node: ClusterNode | undefined,
    sweep: boolean
  ): Promise<EnrolmentDocument> {
    const { enrolments, cluster, credentials } = this.#parts
    let judged: number | undefined
    const after = await enrolments.change(enrolment.id, (current, now) => {
      const fromCsrs = decideCsrs(current, this.#judged.unjudged(current, csrs), now)
      judged = fromCsrs.entries.length === 0 ? current.revision : undefined
      const decided = decideNode(fromCsrs.enrolment, node, now)
      const fromNode = this.#conditions.withinBudget(fromCsrs.enrolment, decided)
      if (fromNode === undefined) return fromCsrs.enrolment === current ? undefined : fromCsrs
      return { ...fromNode, entries: [...fromCsrs.entries, ...fromNode.entries] }
    })
    // what was decided makes another document, for which they are judged once more
    if (judged === after.revision) this.#judged.note(after, csrs)
    if (node !== undefined) await takeAwayNode(this.#parts, after, node)
    const csr = csrToApprove(after, csrs)
    if (csr !== undefined) await cluster.approveCsr(csr)
    if (leftovers(after).length > 0 || isToBan(after)) await credentials.settle(after, sweep)
    const labelling = nodeToLabel(after, node)
    if (labelling !== undefined) await this.#label(after, labelling)
    if (unsettledStrays(after).length > 0) await settleStrays(this.#parts, after, this.#nodes ?? [])
    const half = halfJoinedNode(after, node)
    if (half !== undefined) await this.#deleteHalfJoined(after, half)
    return after
  }

  /** Until each is seen denied: what is cut here, or not allowed yet, is done again. */
  async #deny(enrolment: EnrolmentDocument, csrs: readonly Csr[]): Promise<void> {
    for (const csr of csrsToDeny(enrolment, csrs)) {
      await this.#parts.cluster.denyCsr(csr).catch((error: unknown) => {
        // somebody approved it meanwhile: what is issued is looked at
        if (!(error instanceof ProblemError && error.code === 'illegal-event')) throw error
      })
    }
  }

  /** Written down afterwards: a crash between the two has it done again, which changes nothing. */
  async #label({ id }: EnrolmentDocument, { node, allowed, refused, first }: Labelling): Promise<void> {
    const { name, uid } = node
    await this.#parts.cluster.setLabelsAndTaints({ name, uid }, allowed)
    if (first) await this.#parts.enrolments.change(id, (current, now) => decideLabelled(current, uid, refused, now))
  }

  /** The ban stays until the next claim: a kubelet that was not stopped must not bring the Node back. */
  async #deleteHalfJoined({ id, name }: EnrolmentDocument, { uid }: ClusterNode): Promise<void> {
    const { cluster, enrolments } = this.#parts
    await cluster.ban(name, banReason(id, 'its join failed, and the next claim lifts this'))
    await cluster.deleteNode({ name, uid })
    await enrolments.change(id, (enrolment, now) => ({
      enrolment,
      entries: [entry(now, 'server', 'node-deleted', `Node ${name}, uid ${uid}, of a join that failed`)]
    }))
  }

  #lookAgain({ id }: EnrolmentDocument, err: Error): void {
    this.#parts.log.error({ enrolment: id, err }, 'could not be reconciled; it is tried again')
  }

  /** Remembers since when the cluster does not answer; says so once. */
  async #ask(work: () => Promise<void>): Promise<void> {
    const { log, clock } = this.#parts
    try {
      await work()
      if (this.#outage !== undefined) log.info('the cluster answers again')
      this.#outage = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (this.#outage === undefined) log.warn({ reason }, 'the cluster does not answer')
      this.#outage = { since: this.#outage?.since ?? clock.now(), reason }
    }
  }
}

/** By whose name a request is one of the enrolment's: of its tokens, and of the node that it has a certificate for. */
const requestersOf = ({ name, attempts }: EnrolmentDocument): string[] => [
  nodeUsername(name),
  ...attempts.flatMap(({ tokenId }) => (tokenId === undefined ? [] : tokenUsername(tokenId)))
]

const isOfCluster = (error: Error): boolean =>
  error instanceof ProblemError && (error.code === 'cluster-unavailable' || error.code === 'cluster-unsafe')
