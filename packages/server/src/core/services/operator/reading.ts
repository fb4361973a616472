import {
  candidatesAtMost,
  type Enrolment,
  type EnrolmentDetail,
  type EnrolmentQuery,
  type EnrolmentRow,
  escapeText,
  fitsFilters,
  hasEnded,
  isAsked,
  isLive,
  isOnItsWay,
  isShortId,
  type Lifetimes,
  meantByShortId,
  type NameHolder,
  ProblemError
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { shortTurns } from '../../base/short-turns.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import { expiry } from '../../enrolment/decision/decision.ts'
import { conflictOf, formerOf } from '../../enrolment/name/whose-name.ts'
import { holderView, operatorView, rowView } from '../../enrolment/views.ts'
import type { ReadClusterFacts } from '../../ports/cluster/cluster-facts.ts'
import type { ClusterNode, Nodes } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type PagePart, walkedTo, walkPage } from '../../ports/store/list-page.ts'
import type { Store } from '../../ports/store/store.ts'

/** Gives a page of the enrolments that fit what is asked, part by part. Throws `invalid-request`. */
export const list = (parts: ViewParts) => {
  // of all lists together: however many are read at a time, others have their turn
  const turn = shortTurns()
  return async function* (asked: EnrolmentQuery = {}): AsyncGenerator<PagePart<Enrolment>> {
    const { store } = parts
    const { state, name } = asked
    const which = given({ state: typeof state === 'string' ? state : undefined, name })
    const fits = (one: EnrolmentDocument): boolean => isAsked(state, one.state) && fitsFilters(one, asked)
    for await (const part of walkPage(store.walkEnrolments(walkedTo(asked), which), fits, asked)) {
      yield { ...part, items: await viewsOf(parts, part.items) }
      await turn()
    }
  }
}

/** The same page, as a table shows it. */
export const listRows = (pageOf: ReturnType<typeof list>) =>
  async function* (asked: EnrolmentQuery): AsyncGenerator<PagePart<EnrolmentRow>> {
    for await (const part of pageOf(asked)) yield { ...part, items: part.items.map(rowView) }
  }

/** Reads one enrolment as the list shows it. Undefined if there is none. */
export const listed =
  (parts: ViewParts) =>
  async (id: string): Promise<Enrolment | undefined> => {
    const enrolment = await parts.store.enrolment(id)
    return enrolment && (await viewsOf(parts, [enrolment]))[0]
  }

/** Some enrolments as the list shows them. Of a name that nobody else has, or had, no other document is read. */
const viewsOf = async (parts: ViewParts, some: readonly EnrolmentDocument[]): Promise<Enrolment[]> => {
  const { store } = parts
  const names = new Set(some.flatMap((enrolment) => (hasEnded(enrolment) ? [] : [enrolment.name])))
  const heads = Map.groupBy(await store.headsByName([...names]), ({ name }) => name)
  const read = new Map<string, EnrolmentDocument[]>()
  const views: Enrolment[] = []
  for (const enrolment of some) {
    const { name } = enrolment
    const isAlone = (heads.get(name)?.length ?? 0) < 2
    const named = isAlone ? [enrolment] : (read.get(name) ?? (await store.enrolmentsByName(name)))
    if (!isAlone) read.set(name, named)
    views.push(await readView(parts, enrolment, { named, nameConflict: conflictOf(enrolment, named) }))
  }
  return views
}

export interface ShowParts extends ViewParts {
  cluster: Pick<Nodes, 'nameHolder'>
  clusterFacts: ReadClusterFacts
}

/** Gives one enrolment with its timeline. */
export const show =
  (parts: ShowParts) =>
  async (reference: string): Promise<EnrolmentDetail> => {
    const { store, cluster } = parts
    const found = await findEnrolment(store, reference)
    // read together: a decision that is made meanwhile is in both or in neither
    const [enrolment = found, timeline] = await Promise.all([store.enrolment(found.id), store.timeline(found.id)])
    const own = enrolment.join.attempts.length > 0
    const holder = own ? undefined : await cluster.nameHolder(enrolment.name).catch(() => undefined)
    const named = await store.enrolmentsByName(enrolment.name)
    const nameConflict = conflictOf(enrolment, named) ?? holder
    const view = await readView(parts, enrolment, { named, nameConflict })
    const { said: agentSaid } = enrolment.join
    return { ...view, ...(await readBeside(parts, enrolment)), ...given({ agentSaid }), timeline }
  }

/** Reads the control plane that this machine would join. Empty if it has joined already, or if the cluster does not answer. */
const readBeside = async (
  { clusterFacts }: ShowParts,
  enrolment: EnrolmentDocument
): Promise<Pick<EnrolmentDetail, 'controlPlanes' | 'etcd'>> => {
  if (enrolment.role === 'worker' || !isOnItsWay(enrolment)) return {}
  const facts = await clusterFacts().catch(() => undefined)
  if (facts === undefined) return {}
  const { controlPlanes, etcd } = facts
  return { controlPlanes: controlPlanes.length, ...given({ etcd }) }
}

export interface HolderParts {
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'enrolmentsByShortId'>
  cluster: Pick<Nodes, 'nodes' | 'boundPods'>
}

/** Says what has the name in the cluster now. Throws `cluster-unavailable`. */
export const holder =
  ({ store, cluster }: HolderParts) =>
  async (reference: string): Promise<NameHolder> => {
    const { name } = await findEnrolment(store, reference)
    const [node, pods] = await Promise.all([findNode(cluster, name), cluster.boundPods(name)])
    return holderView(node, pods)
  }

/** The Node of the name, if there is one. */
export const findNode = async (cluster: Pick<Nodes, 'nodes'>, name: string): Promise<ClusterNode | undefined> =>
  (await cluster.nodes()).find((node) => node.name === name)

/**
 * Finds an enrolment by id, or by name: the live enrolment of that name, else its newest one. Two live ones must be told apart
 * by id. What is neither may be the end or the beginning of one id. Throws `not-found`, `name-in-use` and `ambiguous-id`.
 */
export const findEnrolment = async (
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'enrolmentsByShortId'>,
  reference: string
): Promise<EnrolmentDocument> => {
  const byId = await store.enrolment(reference)
  if (byId !== undefined) return byId
  const named = await store.enrolmentsByName(reference)
  const alive = named.filter(isLive)
  if (alive.length > 1) {
    throw new ProblemError('name-in-use', {
      detail: `${alive.length} live enrolments want the name ${reference}`,
      remedy: `use an id: ${firstFew(alive.map(({ id }) => id))}`
    })
  }
  const found = alive[0] ?? named.at(-1) ?? (await findByShortId(store, reference))
  if (found !== undefined) return found
  throw new ProblemError('not-found', {
    detail: `no enrolment has the name or id "${escapeText(reference)}"`,
    remedy: 'joinery list'
  })
}

const findByShortId = async (
  store: Pick<Store, 'enrolmentsByShortId'>,
  reference: string
): Promise<EnrolmentDocument | undefined> =>
  isShortId(reference)
    ? meantByShortId(
        reference,
        await store.enrolmentsByShortId(reference, candidatesAtMost),
        ({ name, state }) => `${escapeText(name)}, ${state}`
      )
    : undefined

/** The first ids of many: anybody who has a code without a name may ask for one name as often as the code has uses. */
const firstFew = (ids: string[]): string => [...ids.slice(0, 5), ...(ids.length > 5 ? ['...'] : [])].join(', ')

export interface ViewParts {
  store: Store
  machines: UniqueMachines
  lifetimes: Lifetimes
  /** Reason why the cluster is out of reach, as the reconciler last saw it. */
  trouble: () => string | undefined
  /** Reason why an approved machine waits, if others have to join before it. */
  turnOf: (enrolment: EnrolmentDocument) => string | undefined
}

/** The enrolment as operators read it. `named`: all enrolments of the same name, if they are known. */
export const readView = async (
  { store, machines, lifetimes, trouble, turnOf }: ViewParts,
  enrolment: EnrolmentDocument,
  { named, nameConflict }: { named?: EnrolmentDocument[]; nameConflict?: string | undefined } = {}
): Promise<Enrolment> => {
  const expires = expiry(enrolment, lifetimes)
  const former = formerOf(enrolment, named ?? (await store.enrolmentsByName(enrolment.name)))
  const turn = turnOf(enrolment)
  return operatorView(await machines.withCheck(enrolment), { nameConflict, former, expires, trouble: trouble(), turn })
}
