import { isControlPlane } from '@joinery/protocol'
import type { Enrolments } from '../commit/enrolments.ts'
import { banReason } from '../credentials/ban-reason.ts'
import type { TakingAway } from '../credentials/cluster-guard.ts'
import { decideSettled, decideUntrusted, unsettledStrays } from '../enrolment/csr/stray-certificates.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'

interface Parts {
  store: Store
  takingAway: TakingAway
  enrolments: Enrolments
}

/**
 * Bans the name that a stray certificate speaks for, and deletes the worker of that name: the cluster takes anybody who holds
 * the certificate for that node. What is cut anywhere is done again, until no Node is seen any more. `nodes`: as the pass saw
 * them.
 */
export const settleStrays = async (
  { store, takingAway, enrolments }: Parts,
  enrolment: EnrolmentDocument,
  nodes: readonly ClusterNode[]
): Promise<void> => {
  for (const { csr, uid, serial, node: name = '' } of unsettledStrays(enrolment)) {
    const why = `certificate serial ${serial} for ${name} was issued for ${csr}, a request of ${enrolment.name}`
    const worker = nodes.find((one) => one.name === name && !isControlPlane(one))
    for (const { id } of await store.enrolmentsByName(name)) {
      if (id !== enrolment.id) await enrolments.change(id, (current, now) => decideUntrusted(current, why, now, worker))
    }
    await takingAway.ban(name, banReason(enrolment.id, why))
    if (worker !== undefined) await takingAway.deleteNode(worker)
    else await enrolments.change(enrolment.id, (current, now) => decideSettled(current, uid, now))
  }
}
