import { hasJoined, type OwnEnrolment, ProblemError, type RecoverPolicy, type RecoveryRequest } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../base/clock.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { decideRecover } from '../../enrolment/ask/decide-recover.ts'
import { leaseSight } from '../../enrolment/ask/judge-heard.ts'
import type { RecoveryRefusal, RecoverySight } from '../../enrolment/ask/refused-recovery.ts'
import type { ApiSight } from '../../ports/cluster/api-sight.ts'
import type { BannedNames } from '../../ports/cluster/banned-names.ts'
import type { Nodes } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { Store } from '../../ports/store/store.ts'
import { type Caller, readOwnView } from '../agent/sighting.ts'

export interface RecoverParts {
  store: Pick<Store, 'enrolmentsByName'>
  cluster: Pick<Nodes, 'nodes' | 'podSight'> & Pick<BannedNames, 'bans'> & Pick<ApiSight, 'now'>
  clock: Clock
  enrolments: Enrolments
  machines: UniqueMachines
  credentials: Pick<Credentials, 'settleSoon'>
  /** Policy of the server for machines whose code has none. */
  recover: RecoverPolicy
  /** True if the server may read Leases. */
  diagnosis: boolean
}

/**
 * Takes the ask of a machine for the way back. What it leads to is durable before the answer, also if the machine is refused.
 * Throws `recovery-refused`, `recovery-not-needed`, `recovery-not-yet`, `node-gone`, `not-found`, and `cluster-unavailable`, after which nothing has
 * changed.
 */
export const recover =
  (parts: RecoverParts) =>
  async ({ key, address }: Caller, request: RecoveryRequest): Promise<OwnEnrolment> => {
    const { enrolments, machines, credentials } = parts
    const sight = await lookAround(parts, await enrolments.own(key))
    let refused: RecoveryRefusal | undefined
    const after = await enrolments.changeOwn(key, (current, now) => {
      const result = decideRecover(current, { request, address }, sight, now)
      refused = result.refused
      return result.decision
    })
    await credentials.settleSoon(after)
    requireNotRefused(refused)
    return readOwnView(machines, after)
  }

/** Looks at all that decides whether a machine may come back. The cluster is not asked about one that has not joined. */
export const lookAround = async (
  { store, cluster, recover: policy, diagnosis }: Pick<RecoverParts, 'store' | 'cluster' | 'recover' | 'diagnosis'>,
  enrolment: EnrolmentDocument
): Promise<RecoverySight> => {
  const { name } = enrolment
  const named = await store.enrolmentsByName(name)
  if (!hasJoined(enrolment)) return { node: undefined, banned: false, named, policy }
  const [nodes, bans, lease] = await Promise.all([
    cluster.nodes(),
    cluster.bans(),
    // a right that is missing keeps nobody from coming back
    diagnosis ? cluster.podSight(name).then(leaseSight, () => undefined) : undefined
  ])
  const node = nodes.find((node) => node.name === name)
  return { node, banned: bans.has(name), named, policy, ...given({ lease, clusterNow: cluster.now() }) }
}

/** Throws the problem if the way back is refused. */
export const requireNotRefused = (refused: RecoveryRefusal | undefined): void => {
  if (refused === undefined) return
  const { code, detail, remedy, retryAfter } = refused
  throw new ProblemError(code, { detail, ...given({ remedy }) }, given({ retryAfter }))
}
