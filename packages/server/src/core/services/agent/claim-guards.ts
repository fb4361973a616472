import { type ClaimRequest, type CredentialKind, isArriving, next, ProblemError, statesThat } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import type { Bounds } from '../../credentials/bounds.ts'
import { kindOf } from '../../credentials/kinds.ts'
import { openAttempt } from '../../enrolment/facts/attempts.ts'
import { requireTurn } from '../../enrolment/facts/control-plane.ts'
import { requireFreeName } from '../../enrolment/name/free-name.ts'
import { requirePreflight, requireUnique } from '../../enrolment/verbs/claim.ts'
import { sealedFor } from '../../enrolment/verbs/grant.ts'
import type { Generations } from '../../generation/generations.ts'
import type { Joins } from '../../joins/joins.ts'
import type { Cluster, ClusterEndpoint } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument, Store } from '../../ports/store/store.ts'

/** A claim, as its guards see it. `approved` and `endpoint` ask once, for the first guard that needs the answer. */
export interface Claim {
  seen: EnrolmentDocument
  preflight: ClaimRequest['preflight']
  /** The request for a certificate as the server sends it on. */
  approved: () => Promise<string | undefined>
  endpoint: () => Promise<ClusterEndpoint>
}

export interface GuardParts {
  store: Store
  clock: Clock
  cluster: Pick<Cluster, 'autoApproval' | 'nameHolder' | 'nodes'>
  /** Credential kind that the server is set to. */
  credential: CredentialKind
  bounds: Bounds
  generations: Pick<Generations, 'require'>
  machines: UniqueMachines
  joins: Pick<Joins, 'requireTurn' | 'missed' | 'bound'>
}

/** Throws the problem because of which no credential is given. */
type Guard = (claim: Claim, parts: GuardParts) => unknown

const requireClaimable: Guard = ({ seen: { state } }) => {
  if (next(state, 'claim') !== undefined) return
  throw new ProblemError('illegal-event', { detail: `claim is not possible: the enrolment is ${state}` })
}

const requireFitMachine: Guard = ({ seen, preflight = seen.preflight }) => {
  if (openAttempt(seen) === undefined) requirePreflight(preflight, seen.policy)
}

const requireOffered: Guard = ({ seen }, { credential }) => kindOf(seen).offered(credential)

const requireOwnTurn: Guard = async ({ seen }, { store, clock }) => {
  if (sealedFor(seen) === undefined) return
  requireTurn(seen, await store.enrolments(statesThat(isArriving)), clock.now())
}

/** A control plane waits for no place: they join one at a time anyway, and its grant is good for minutes. */
const requirePlace: Guard = async ({ seen }, { joins }) => {
  if (seen.role === 'worker' && openAttempt(seen) === undefined) await joins.requireTurn(seen)
}

const requireApprovedRequest: Guard = ({ approved }) => approved()

const requireGeneration: Guard = (_, { generations }) => generations.require()

const requireEndpoint: Guard = ({ endpoint }) => endpoint()

const requireBounds: Guard = ({ seen }, parts) => kindOf(seen).open(seen, parts)

const requireOwnName: Guard = async ({ seen }, { cluster }) => {
  if (openAttempt(seen) === undefined) requireFreeName(seen.name, await cluster.nameHolder(seen.name))
}

const requireOneMachine: Guard = async ({ seen }, { cluster, machines }) => {
  if (openAttempt(seen) !== undefined) return
  requireUnique(await machines.check(seen, machines.knowsNodes ? undefined : await cluster.nodes()))
}

/** Throws the first problem, in the order of these guards. */
const allAtOnce =
  (guards: readonly Guard[]): Guard =>
  async (claim, parts) => {
    const found = await Promise.allSettled(guards.map(async (guard) => guard(claim, parts)))
    for (const one of found) if (one.status === 'rejected') throw one.reason
  }

/**
 * Guards that a claim must pass, in this order: what is not possible anyway is said before the cluster is asked. Those that ask the
 * cluster do so side by side, since a machine waits for the slowest of them.
 */
export const guards: readonly Guard[] = [
  requireClaimable,
  requireFitMachine,
  requireOffered,
  requireOwnTurn,
  requirePlace,
  requireApprovedRequest,
  requireGeneration,
  allAtOnce([requireEndpoint, requireBounds, requireOwnName, requireOneMachine])
]
