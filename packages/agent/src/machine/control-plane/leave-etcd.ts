import type { OpenEtcd, OwnMember } from '@joinery/etcd'
import { decideLeave, healthyOf, ownMember } from '@joinery/etcd'

/**
 * Takes the member of a join that failed out of etcd, whether it was started or not; where there is none, that is success.
 * Gives why it is left in; undefined where none is in. Rejects where etcd does not answer. `hosts`: of the other members.
 */
export const leaveEtcd = async (
  open: OpenEtcd,
  own: OwnMember,
  hosts: readonly string[]
): Promise<string | undefined> => {
  const etcd = await open(hosts)
  // kubeadm has shown etcd nothing either
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
