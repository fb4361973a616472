import { decideRemoval, type Removal, refuse } from './decide-removal.ts'
import { type EtcdMember, etcdUrl, type OwnMember } from './etcd.ts'

export type Leaving = { do: 'nothing' } | Removal

/** The etcd member of this machine, by its address. A member that was not started yet has no name. */
export const ownMember = (
  members: readonly EtcdMember[],
  { address }: Pick<OwnMember, 'address'>
): EtcdMember | undefined => members.find(({ peerURLs }) => peerURLs.includes(etcdUrl(address, 2380)))

/**
 * Decides about the etcd member of a join that failed: it goes if etcd is well without it. `healthy` has the ids of
 * the other members that answer. Another machine's member never goes.
 */
export const decideLeave = (members: readonly EtcdMember[], healthy: ReadonlySet<string>, own: OwnMember): Leaving => {
  const member = ownMember(members, own)
  if (member === undefined) return { do: 'nothing' }
  const { id, name } = member
  if (name !== '' && name !== own.nodeName) {
    return refuse(`the etcd member ${id} at ${own.address} is called ${name}: it does not belong to this join`)
  }
  return decideRemoval(members, healthy, member)
}
