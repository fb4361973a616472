import {
  type ClaimRequest,
  type Credential,
  type CredentialKind,
  isArriving,
  next,
  ProblemError,
  statesThat,
  type Taints
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import type { Bans } from '../../credentials/bans.ts'
import type { Bounds } from '../../credentials/bounds.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { newTokenId } from '../../credentials/derive.ts'
import { kindOf } from '../../credentials/kinds.ts'
import { wantedTaints } from '../../enrolment/decision/gates.ts'
import { openAttempt } from '../../enrolment/facts/attempts.ts'
import { requireTurn } from '../../enrolment/facts/cluster.ts'
import { requireFreeName } from '../../enrolment/name/free-name.ts'
import { decideClaim, requirePreflight, requireUnique } from '../../enrolment/verbs/claim.ts'
import { sealedFor } from '../../enrolment/verbs/grant.ts'
import type { Generations } from '../../generation/generations.ts'
import type { Joins } from '../../joins/joins.ts'
import type { AccessChecks } from '../../ports/cluster/access-checks.ts'
import type { ApiSight } from '../../ports/cluster/api-sight.ts'
import type { ClusterEndpoint, ClusterSettings } from '../../ports/cluster/cluster-settings.ts'
import type { Nodes } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { Store } from '../../ports/store/store.ts'
import { deciding } from './reports.ts'
import { type Caller, type SeeParts, see } from './sighting.ts'

export interface ClaimParts extends GuardParts, SeeParts {
  cluster: GuardParts['cluster'] & Pick<ApiSight, 'now'> & Pick<ClusterSettings, 'endpoint'>
  random: Random
  credentials: Pick<Credentials, 'give' | 'masterKey'>
  bans: Pick<Bans, 'lift'>
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/** Gives the credential of the present attempt. Its id in the cluster is committed before it is made there. */
export const claim =
  (parts: ClaimParts) =>
  async (caller: Caller, { request, preflight }: ClaimRequest = {}): Promise<Credential> => {
    const { cluster, random, enrolments, credentials, bans, joins, nudge } = parts
    const seen = await see(parts, caller)
    const kind = kindOf(seen.terms)
    const asked: Claim = {
      seen,
      preflight,
      approved: once(() => kind.precheck(request, seen)),
      endpoint: once(() => cluster.endpoint())
    }
    for (const guard of guards) await guard(asked, parts)
    const tokenId = newTokenId(random.bytes)
    const opened = deciding((current, now) =>
      decideClaim(
        current,
        { tokenId, masterKey: credentials.masterKey, preflight, clusterNow: cluster.now(), joinsAtMost: joins.bound },
        now
      )
    )
    const changed = enrolments.change(seen.id, opened.decide).catch(async (error) => {
      throw error instanceof ProblemError && error.code === 'joins-full' ? await joins.missed(seen) : error
    })
    const sealed = sealedFor(await changed)
    const give = async () => {
      // only once the claim stands, and at each repetition: what lifts a ban is an open attempt
      const lift = bans.lift(seen)
      const made = asked.approved().then((request) => credentials.give(kind, seen.id, { request }))
      await Promise.allSettled([lift, made])
      // the machine gets nothing before both are done
      await lift
      return made
    }
    const { attempt, ...secret } = await give().finally(() => {
      if (opened.decided) nudge()
    })
    const { name: nodeName } = seen
    const forOneAttempt = { attempt: attempt.number, nodeName, ...(await asked.endpoint()), expires: attempt.deadline }
    return {
      ...forOneAttempt,
      ...secret,
      ...given({ taints: registersWith(seen), sealed })
    }
  }

/**
 * Taints that the kubelet registers its Node with. Without gates, a control plane gets the taints of its code when its Node is there:
 * earlier agents know no others for it. The startup taint must be there from the first moment, and they come with it. An agent that
 * leaves them out for a control plane gets them when its Node is there as well.
 */
const registersWith = (enrolment: EnrolmentDocument): Taints | undefined => {
  const { role } = enrolment
  const { readyWhen } = enrolment.terms
  const taints = wantedTaints(enrolment.terms)
  return taints.length === 0 || (role === 'control-plane' && readyWhen === undefined) ? undefined : taints
}

/** Wraps `ask` so that it is asked when its answer is first needed, and not again. */
const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}

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
  cluster: Pick<AccessChecks, 'autoApproval'> & Pick<Nodes, 'nameHolder' | 'nodes'>
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
  if (openAttempt(seen) === undefined) requirePreflight(preflight, seen.terms.policy)
}

const requireOffered: Guard = ({ seen }, { credential }) => kindOf(seen.terms).offered(credential)

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

const requireBounds: Guard = ({ seen }, parts) => kindOf(seen.terms).open(seen, parts)

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
