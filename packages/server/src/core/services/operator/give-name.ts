import type { CredentialKind, Enrolment } from '@joinery/protocol'
import type { Decide, Enrolments } from '../../commit/enrolments.ts'
import { kindOf } from '../../credentials/kinds.ts'
import { requireStableEndpoint } from '../../enrolment/facts/control-plane.ts'
import { requireFreeName } from '../../enrolment/name/free-name.ts'
import { takenBy } from '../../enrolment/name/whose-name.ts'
import type { Cluster } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { findNode } from './holder.ts'
import { readView, type ViewParts } from './read-view.ts'

export interface GiveNameParts extends ViewParts {
  cluster: Pick<Cluster, 'network' | 'nameHolder' | 'nodes'>
  enrolments: Pick<Enrolments, 'change'>
  /** Credential kind that the server is set to. */
  credential: CredentialKind
}

/** Throws if no approval could lead to a join. */
export const requirePossible = async (
  { credential, cluster }: Pick<GiveNameParts, 'credential' | 'cluster'>,
  enrolment: EnrolmentDocument
): Promise<void> => {
  kindOf(enrolment).offered(credential)
  if (enrolment.role === 'control-plane') requireStableEndpoint(await cluster.network())
}

/**
 * Commits the decision that gives the enrolment its name, only while nothing else has the name. Throws `name-in-use`, and what
 * the decision throws first.
 */
export const giveName = async (parts: GiveNameParts, found: EnrolmentDocument, decide: Decide): Promise<Enrolment> => {
  const { store, cluster, enrolments } = parts
  const other = takenBy(found, await store.enrolmentsByName(found.name))
  const taker = other ?? (await cluster.nameHolder(found.name))
  if (taker !== undefined) {
    // somebody may have rejected it meanwhile: then the name is not what keeps it from its approval
    await enrolments.change(found.id, (current, now) => void decide(current, now))
    const podsAreLeft = other === undefined && found.replaced !== undefined
    requireFreeName(found.name, taker, podsAreLeft ? againLater(found.name) : await orReplace(parts, found))
  }
  return readView(parts, await enrolments.change(found.id, decide))
}

/** Remedy while Pods are left: Kubernetes collects the Pods of a Node that is gone. */
const againLater = (name: string): string =>
  `Kubernetes deletes its Pods with the Node, in a minute or two; then run again: joinery approve ${name} --replace`

/** The other way for an operator whose machine waits for a name that a Node has. */
const orReplace = async (
  { cluster }: GiveNameParts,
  { id, name, state }: EnrolmentDocument
): Promise<string | undefined> => {
  if (state !== 'pending' || (await findNode(cluster, name)) === undefined) return undefined
  return `if it takes the place of that machine: joinery approve ${id} --replace; else joinery reject ${id} --reason ...`
}
