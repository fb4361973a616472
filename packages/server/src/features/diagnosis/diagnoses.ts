import { setTimeout } from 'node:timers/promises'
import { nodeUsername } from '@joinery/kube/names'
import { hasJoined, ProblemError, type Why } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { budgets } from '../../core/base/budgets.ts'
import { cached } from '../../core/base/cached.ts'
import type { Clock, Monotonic } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import { Buckets } from '../../core/base/rates/buckets.ts'
import type { Enrolments } from '../../core/commit/enrolments.ts'
import type { Waiting } from '../../core/commit/waiting.ts'
import type { ApiSight } from '../../core/ports/cluster/api-sight.ts'
import type { BannedNames } from '../../core/ports/cluster/banned-names.ts'
import { clusterClock } from '../../core/ports/cluster/cluster-clock.ts'
import type { Csrs } from '../../core/ports/cluster/csrs.ts'
import type { ClusterNode, Nodes } from '../../core/ports/cluster/nodes.ts'
import type { Knocker } from '../../core/ports/dialler.ts'
import type { EnrolmentDocument, EnrolmentHead } from '../../core/ports/store/documents/enrolment-document.ts'
import type { Store } from '../../core/ports/store/store.ts'
import { type Looked, looksDue } from '../../core/reconcile/looks-due.ts'
import { decideFirstCause } from './why/first-cause.ts'
import { type Judged, judgeCauses } from './why/judge-causes.ts'
import type { Reading } from './why/reading.ts'
import { hasComeBack, isSilent } from './why/silence.ts'
import { tellNoNode, tellWhy } from './why/tell-why.ts'

interface Parts {
  store: Pick<Store, 'headsByName' | 'enrolment'>
  cluster: Nodes & Csrs & BannedNames & ApiSight
  clock: Clock
  monotonic: Monotonic
  enrolments: Pick<Enrolments, 'change'>
  dialBack: Knocker
  waiting: Pick<Waiting, 'has'>
  /** Nodes as the last pass saw them. Undefined before the first pass. */
  nodes: () => readonly ClusterNode[] | undefined
  /** True if the server may read Pods, DaemonSets and Leases: `diagnosis: on`. */
  isOn: boolean
  budget: (typeof budgets)['diagnosis']
  log: Logger
}

/** One look at a Node that is not Ready. */
interface Look {
  reading: Reading
  judged: Judged
}

/**
 * A knock at a machine, answered or under way. `at`: when it began, in milliseconds of the monotonic clock. `renewed`: the last time at
 * which its kubelet was heard then; the answer is about the silence since.
 */
interface Knock {
  at: number
  renewed: number | undefined
  answer: Promise<Reading['knock']>
}

/** Lifetimes of answers that many looks share, in milliseconds. */
const shared = { value: 10_000, failure: 5_000 }
const versionKept = { value: 60_000, failure: 10_000 }

/**
 * Says why Nodes that Joinery let in are not Ready. It looks at each of them from time to time, the more rarely the longer that lasts,
 * and keeps the likeliest cause with the enrolment. It looks again if an operator asks. The cost follows the Nodes that are not Ready,
 * and all looks together have a budget.
 */
export class Diagnoses {
  readonly #parts: Parts
  readonly #looks: Buckets
  readonly #asked: Buckets
  readonly #changes: Buckets
  /** The last knock at a machine, by enrolment, for as long as no other may follow. The budget of looks bounds how many there are. */
  readonly #knocked = new Map<string, Knock>()
  /** Looks at Nodes that are not Ready, by enrolment. */
  #looked = new Map<string, Looked>()
  readonly #version: () => Promise<string>
  readonly #daemonSets: () => ReturnType<Nodes['daemonSets']>
  readonly #servingCsrs: () => ReturnType<Csrs['servingCsrs']>
  readonly #bans: () => ReturnType<BannedNames['bans']>

  constructor(parts: Parts) {
    const { cluster, monotonic, budget } = parts
    this.#parts = parts
    this.#looks = new Buckets(budget.looks, monotonic, 1)
    this.#asked = new Buckets(budget.asked, monotonic, 1)
    this.#changes = new Buckets(budget.changes, monotonic, budget.remembered)
    this.#version = cached(() => cluster.version(), monotonic, versionKept)
    this.#daemonSets = cached(() => cluster.daemonSets(), monotonic, shared)
    this.#servingCsrs = cached(() => cluster.servingCsrs(), monotonic, shared)
    this.#bans = cached(() => cluster.bans(), monotonic, shared)
  }

  /** Looks again and again, with a pause between two rounds, until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const { budget, log } = this.#parts
    for (;;) {
      await setTimeout(budget.pause, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      await this.round().catch((err: unknown) => log.warn({ err }, 'Nodes that are not Ready could not be looked at'))
    }
  }

  /** Looks at the Nodes that are due, as many as the budget allows. A Node that cannot be looked at holds up no other. */
  async round(): Promise<void> {
    const { nodes, store, monotonic, log } = this.#parts
    const notReady = (nodes() ?? []).filter(({ ready }) => ready !== 'True')
    const heads = notReady.length === 0 ? [] : await store.headsByName(notReady.map(({ name }) => name))
    const joined = heads.filter(hasJoined)
    this.#forget(joined)
    for (const { id } of looksDue(joined, this.#looked, monotonic())) {
      if (this.#looks.take('all') > 0) return
      try {
        await this.#keep(id)
      } catch (err) {
        // the reconciler tells of an outage, and the others would fail as well
        if (err instanceof ProblemError && err.code === 'cluster-unavailable') return
        log.warn({ enrolment: id, err }, 'a Node that is not Ready could not be looked at')
      }
    }
  }

  /** Makes the next round look at the Node of this enrolment: its machine has said something. */
  note(id: string): void {
    const looked = this.#looked.get(id)
    if (looked !== undefined) this.#looked.set(id, { ...looked, last: Number.NEGATIVE_INFINITY })
  }

  /** Says why the Node of the enrolment is not Ready. Throws `too-many-requests`, and `cluster-unavailable`. */
  async why(enrolment: EnrolmentDocument): Promise<Why> {
    const wait = this.#asked.take('all')
    if (wait > 0) {
      const detail = 'operators have asked more often why Nodes are not Ready than the server looks'
      throw new ProblemError('too-many-requests', { detail }, { retryAfter: Math.ceil(wait / 1000) })
    }
    const look = await this.#look(enrolment)
    if (look === undefined) return tellNoNode(enrolment, this.#now())
    return tellWhy(enrolment, look.reading, look.judged, this.#now())
  }

  /** Throws `cluster-unavailable` if the server is set to read more than it may. */
  async check(): Promise<void> {
    if (!this.#parts.isOn) return
    // of a Node that is not there nothing comes back
    await Promise.all([this.#daemonSets(), this.#parts.cluster.podSight('none.joinery.invalid')])
  }

  /** Looks at one Node, and keeps the likeliest cause. */
  async #keep(id: string): Promise<void> {
    const { store, monotonic, enrolments } = this.#parts
    const now = monotonic()
    this.#looked.set(id, { first: this.#looked.get(id)?.first ?? now, last: now })
    const enrolment = await store.enrolment(id)
    const look = enrolment && (await this.#look(enrolment))
    // the next look knows more, and until then the cause of the silence stays
    if (look === undefined || hasComeBack(look.reading, this.#now())) return
    const [first] = look.judged.causes
    const { uid } = look.reading.node
    const isNews = enrolment?.diagnosis.cause?.code !== first?.code || enrolment?.diagnosis.cause?.text !== first?.text
    if (!isNews || this.#changes.take(id) > 0) return
    await enrolments.change(id, (current, now) => decideFirstCause(current, uid, first, now))
  }

  /** Undefined if the enrolment has no Node of its own. */
  async #look(enrolment: EnrolmentDocument): Promise<Look | undefined> {
    if (!hasJoined(enrolment)) return undefined
    const node = await this.#parts.cluster.nodeSight(enrolment.name)
    if (node === undefined || node.uid !== enrolment.node?.uid) return undefined
    const reading = await this.#read(enrolment, node)
    const knock = isSilent(reading, this.#now()) ? await this.#knock(enrolment, reading) : undefined
    const whole = { ...reading, ...given({ knock }) }
    return { reading: whole, judged: judgeCauses(whole, this.#now(), enrolment.diagnosis.reported) }
  }

  async #read({ name, key, join: { attempts } }: EnrolmentDocument, node: Reading['node']): Promise<Reading> {
    const { cluster, isOn, nodes, waiting } = this.#parts
    const unseen: string[] = isOn ? [] : [notSet]
    /** Gives what could be read. A part that could not be does not hide the others. */
    const part = <T>(what: string, read: () => Promise<T>): Promise<T | undefined> =>
      read().catch((error: Error) => {
        unseen.push(`${what} could not be read: ${error.message}`)
        return undefined
      })
    const [apiVersion, pods, daemonSets, csrs, bans] = await Promise.all([
      part('the version of the API server', this.#version),
      isOn ? part('Pods and Lease of the Node', () => cluster.podSight(name)) : undefined,
      isOn ? part('DaemonSets', this.#daemonSets) : undefined,
      part('requests for serving certificates', this.#servingCsrs),
      part('the ban list', this.#bans)
    ])
    const expires = attempts.at(-1)?.certificateExpires
    return {
      name,
      node,
      isPolling: waiting.has(key),
      others: (nodes() ?? []).flatMap((one) =>
        one.name === name ? [] : { name: one.name, podCidrs: one.podCidrs ?? [] }
      ),
      servingCsrs: (csrs ?? []).filter(
        ({ username, approved, denied }) => username === nodeUsername(name) && !approved && !denied
      ),
      ...given({
        apiVersion,
        pods,
        daemonSets,
        banned: bans?.get(name),
        certificateExpires: expires === undefined ? undefined : new Date(expires)
      }),
      unseen
    }
  }

  /**
   * Calls the machine at the address where the server sees it, at most once a minute. The last answer stays until then, unless its
   * kubelet was heard since.
   */
  async #knock(enrolment: EnrolmentDocument, { pods }: Reading): Promise<Reading['knock']> {
    const { dialBack, monotonic, budget } = this.#parts
    const { id } = enrolment
    const [now, renewed] = [monotonic(), pods?.renewed?.getTime()]
    const last = this.#knocked.get(id)
    if (last !== undefined && now - last.at < budget.knocks.each)
      return last.renewed === renewed ? last.answer : undefined
    const answer = dialBack.knock(enrolment)
    this.#knocked.set(id, { at: now, renewed, answer })
    return answer
  }

  /**
   * Forgets the looks at others than these, and knocks after which another one may follow. The last pass may not have seen yet that a
   * Node is not Ready, and who asks again until then is told the same.
   */
  #forget(joined: readonly EnrolmentHead[]): void {
    const { budget, monotonic } = this.#parts
    const ids = new Set(joined.map(({ id }) => id))
    this.#looked = new Map([...this.#looked].filter(([id]) => ids.has(id)))
    const now = monotonic()
    for (const [id, { at }] of this.#knocked) if (now - at >= budget.knocks.each) this.#knocked.delete(id)
  }

  #now(): Date {
    const { cluster, clock } = this.#parts
    return clusterClock(cluster, clock).now()
  }
}

const notSet =
  'Pods, DaemonSets and the Lease of the Node are not read: set diagnosis: on in /etc/joinery/server.yaml, then: joinery-server setup && systemctl restart joinery-server'
