import { type EnrolmentDetail, isOnItsWay } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { conflictOf } from '../../enrolment/name/whose-name.ts'
import type { Cluster } from '../../ports/cluster/cluster.ts'
import type { ReadClusterFacts } from '../../ports/cluster/cluster-facts.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { findEnrolment } from './find-enrolment.ts'
import { readView, type ViewParts } from './read-view.ts'

export interface ShowParts extends ViewParts {
  cluster: Pick<Cluster, 'nameHolder'>
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
    const own = enrolment.attempts.length > 0
    const holder = own ? undefined : await cluster.nameHolder(enrolment.name).catch(() => undefined)
    const named = await store.enrolmentsByName(enrolment.name)
    const nameConflict = conflictOf(enrolment, named) ?? holder
    const view = await readView(parts, enrolment, { named, nameConflict })
    const { agentSaid } = enrolment
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
