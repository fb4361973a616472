import { decideRemoval, type Removal, refuse } from './decide-removal.ts'
import { type EtcdMember, etcdUrl, type OwnMember } from './etcd.ts'

export type Leaving = { do: 'nothing' } | Removal

/** The member that is this machine's, by its address: before it was started it has no name. */
export const ownMember = (
  members: readonly EtcdMember[],
  { address }: Pick<OwnMember, 'address'>
): EtcdMember | undefined => members.find(({ peerURLs }) => peerURLs.includes(etcdUrl(address, 2380)))

/**
 * What becomes of the member of a join that failed: it goes, where etcd is well without it. `healthy`: ids of the others that
 * answer. Never another machine's.
 */
export const decideLeave = (members: readonly EtcdMember[], healthy: ReadonlySet<string>, own: OwnMember): Leaving => {
  const member = ownMember(members, own)
  if (member === undefined) return { do: 'nothing' }
  const { id, name } = member
  if (name !== '' && name !== own.nodeName) {
    return refuse(`the etcd member ${id} at ${own.address} is called ${name}: it is not of this join`)
  }
  return decideRemoval(members, healthy, member)
}
