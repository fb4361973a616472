import {
  type ApproveRequest,
  awaitsApproval,
  type CredentialKind,
  type Enrolment,
  type GrantRequest,
  hasJoined,
  isRecovering,
  ProblemError,
  type RetryRequest
} from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import type { Decide, Enrolments } from '../../commit/enrolments.ts'
import { roomReason } from '../../credentials/ban-reason.ts'
import { kindOf } from '../../credentials/kinds.ts'
import { type Asker, makingRoom, settling, signed } from '../../enrolment/decision/decision.ts'
import { requireStableEndpoint } from '../../enrolment/facts/cluster.ts'
import { shownRevision } from '../../enrolment/facts/shown.ts'
import { requireFreeName } from '../../enrolment/name/free-name.ts'
import { holderOf, othersThan, takenBy } from '../../enrolment/name/whose-name.ts'
import { decideApprove, decideRetry } from '../../enrolment/verbs/approve.ts'
import { decideGrant } from '../../enrolment/verbs/grant.ts'
import { decideRemove, requireDeletable } from '../../enrolment/verbs/remove.ts'
import { decideReplace, requireSameNode } from '../../enrolment/verbs/replace.ts'
import type { ClusterSettings } from '../../ports/cluster/cluster-settings.ts'
import type { Nodes } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type TakeAwayParts, takeAway } from './ending.ts'
import { findEnrolment, findNode, readView, type ViewParts } from './reading.ts'

export interface ApproveParts extends GiveNameParts, MakeRoomParts {
  cluster: GiveNameParts['cluster'] & MakeRoomParts['cluster']
  clock: Clock
  /** True if nothing may change: see `trying`. */
  onlyTried?: true
}

/**
 * Approves what was shown. `replace`: the Node of the name makes room first, with its enrolment; the call may be repeated until
 * the name is free. The same approval again returns the one that is there. Throws `name-in-use`, `revision-changed`,
 * `illegal-event`, `credential-unavailable`, `no-stable-endpoint`, `cluster-unavailable`.
 */
export const approve =
  (parts: ApproveParts) =>
  async (reference: string, shown: ApproveRequest, asker: Asker = {}): Promise<Enrolment> => {
    if (parts.onlyTried && shown.replace !== undefined) throw noReplaceTried()
    const found = await findEnrolment(parts.store, reference)
    const { preflight } = await parts.machines.withCheck(found)
    const decideAs = (seen: ApproveRequest) =>
      settling(asker, (enrolment: EnrolmentDocument, now: Date) => decideApprove(enrolment, seen, preflight, now))
    // what is not possible anyway is said before the cluster is asked, and before a Node goes
    if (decideAs(shown)(found, parts.clock.now()) === undefined) return readView(parts, found)
    // the name is its own already, and its Node is there
    if (isRecovering(found)) return readView(parts, await parts.enrolments.change(found.id, decideAs(shown)))
    await requirePossible(parts, found)
    if (shown.replace === undefined) return giveName(parts, found, decideAs(shown))
    const room = await makeRoom(parts, found, { ...shown, replace: shown.replace }, asker)
    return giveName(parts, room.enrolment, decideAs(room.shown))
  }

/** A replacement needs its Node to be gone before the name is given, so nothing can tell beforehand how it ends. */
const noReplaceTried = (): ProblemError =>
  new ProblemError('invalid-request', { detail: 'there is no dry run of an approval that takes the place of a Node' })

export interface RetryParts extends GiveNameParts {
  clock: Clock
}

/** Approves again what failed, and looks again at what expired. Throws what `approve` throws, and `already-enrolled`. */
export const retry =
  (parts: RetryParts) =>
  async (reference: string, shown: RetryRequest, asker: Asker = {}): Promise<Enrolment> => {
    const found = await findEnrolment(parts.store, reference)
    const newest = await parts.store.enrolmentByKey(found.key)
    const decide = settling(asker, (enrolment, now) => decideRetry(enrolment, shown, newest, now))
    // what is not possible anyway is said before the cluster is asked
    decide(found, parts.clock.now())
    // its way back: the name is its own already, and its Node is there
    if (hasJoined(found)) return readView(parts, await parts.enrolments.change(found.id, decide))
    await requirePossible(parts, found)
    return giveName(parts, found, decide)
  }

export interface GrantParts extends ViewParts {
  enrolments: Pick<Enrolments, 'change'>
}

/** Keeps what root sealed for a control plane. Throws `illegal-event` and `revision-changed`. */
export const grant =
  (parts: GrantParts) =>
  async (reference: string, granted: GrantRequest, asker: Asker = {}): Promise<Enrolment> => {
    const { id } = await findEnrolment(parts.store, reference)
    const granting = await parts.enrolments.change(id, (enrolment, now) =>
      signed(asker, decideGrant(enrolment, granted, now))
    )
    return readView(parts, granting)
  }

interface MakeRoomParts extends TakeAwayParts {
  cluster: Pick<Nodes, 'nodes'>
  clock: Clock
}

type ReplaceRequest = ApproveRequest & Required<Pick<ApproveRequest, 'replace'>>

/**
 * Takes the Node that was shown out of the way of the enrolment. If the Node is gone already, that is success. The labels and
 * taints that go over to the new machine are durable before. Returns the enrolment, and what is shown of it, as they are now.
 */
const makeRoom = async (
  parts: MakeRoomParts,
  found: EnrolmentDocument,
  shown: ReplaceRequest,
  asker: Asker
): Promise<{ enrolment: EnrolmentDocument; shown: ApproveRequest }> => {
  const { id, name } = found
  const { store, cluster, takingAway, clock, enrolments } = parts
  const node = await findNode(cluster, name)
  if (node === undefined) return { enrolment: found, shown }
  requireSameNode(node, shown.replace.uid)
  const holder = holderOf(othersThan(found, await store.enrolmentsByName(name)))
  requireDeletable(holder, node, holder && `joinery approve ${id} --replace`)
  // what would not be possible afterwards is said before anything goes; no third enrolment can hold the name
  if (holder !== undefined) decideRemove(holder, clock.now())
  const enrolment = await enrolments.change(
    id,
    makingRoom(asker, (current, now) => decideReplace(current, shown, node, now))
  )
  if (holder === undefined) {
    await takingAway.ban(name, roomReason(id))
    await takingAway.deleteNode(node)
  } else {
    await takeAway(parts, await enrolments.change(holder.id, (one, now) => signed(asker, decideRemove(one, now))), node)
  }
  return { enrolment, shown: { ...shown, revision: shownRevision(enrolment) } }
}

interface GiveNameParts extends ViewParts {
  cluster: Pick<ClusterSettings, 'network'> & Pick<Nodes, 'nameHolder' | 'nodes'>
  enrolments: Pick<Enrolments, 'change'>
  /** Credential kind that the server is set to. */
  credential: CredentialKind
}

/** Throws if no approval could lead to a join. */
const requirePossible = async (
  { credential, cluster }: Pick<GiveNameParts, 'credential' | 'cluster'>,
  enrolment: EnrolmentDocument
): Promise<void> => {
  kindOf(enrolment.terms).offered(credential)
  if (enrolment.role === 'control-plane') requireStableEndpoint(await cluster.network())
}

/**
 * Commits the decision that gives the enrolment its name, only while nothing else has the name. Throws `name-in-use`, and what
 * the decision throws first.
 */
const giveName = async (parts: GiveNameParts, found: EnrolmentDocument, decide: Decide): Promise<Enrolment> => {
  const { store, cluster, enrolments } = parts
  const other = takenBy(found, await store.enrolmentsByName(found.name))
  const taker = other ?? (await cluster.nameHolder(found.name))
  if (taker !== undefined) {
    // somebody may have rejected it meanwhile: then the name is not what keeps it from its approval
    await enrolments.change(found.id, (current, now) => void decide(current, now))
    const podsAreLeft = other === undefined && found.approval.replaced !== undefined
    requireFreeName(found.name, taker, podsAreLeft ? againLater(found.name) : await orReplace(parts, found))
  }
  return readView(parts, await enrolments.change(found.id, decide))
}

/** Remedy while Pods are left: Kubernetes collects the Pods of a Node that is gone. */
const againLater = (name: string): string =>
  `Kubernetes deletes its Pods with the Node, in a minute or two; then run again: joinery approve ${name} --replace`

/** The other way for an operator whose machine waits for a name that a Node has. */
const orReplace = async ({ cluster }: GiveNameParts, enrolment: EnrolmentDocument): Promise<string | undefined> => {
  const { id, name } = enrolment
  if (!awaitsApproval(enrolment) || (await findNode(cluster, name)) === undefined) return undefined
  return `if it takes the place of that machine: joinery approve ${id} --replace; else joinery reject ${id} --reason ...`
}
