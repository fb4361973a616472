import type { OpenEtcd, OwnMember } from '@joinery/etcd'
import { decideLeave, healthyOf, ownMember } from '@joinery/etcd'

/**
 * Takes the member of a failed join out of etcd, whether it was started or not. If there is none, that is success.
 * Returns the reason why it stays in; undefined if none is in. Rejects if etcd does not answer. `hosts` are those of
 * the other members.
 */
export const leaveEtcd = async (
  open: OpenEtcd,
  own: OwnMember,
  hosts: readonly string[]
): Promise<string | undefined> => {
  const etcd = await open(hosts)
  // without a certificate kubeadm could not ask etcd for a member either
  if (etcd === undefined) return undefined
  try {
    const members = await etcd.members()
    const others = members.filter((member) => member !== ownMember(members, own))
    const leaving = decideLeave(members, await healthyOf(etcd, others), own)
    if (leaving.do === 'refuse') return leaving.reason
    if (leaving.do === 'remove') await etcd.remove(leaving.id)
    return undefined
  } finally {
    await etcd.close()
  }
}
