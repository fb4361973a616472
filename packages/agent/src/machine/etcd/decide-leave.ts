import { type EtcdMember, etcdUrl, type OwnMember } from './etcd.ts'

export type Leaving = { do: 'nothing' } | { do: 'remove'; id: string } | { do: 'refuse'; reason: string }

/** The member that is this machine's, by its address: before it was started it has no name. */
export const ownMember = (members: readonly EtcdMember[], { address }: OwnMember): EtcdMember | undefined =>
  members.find(({ peerURLs }) => peerURLs.includes(etcdUrl(address, 2380)))

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
  const voters = members.filter((other) => other !== member && !other.isLearner)
  const well = voters.filter((voter) => healthy.has(voter.id)).length
  const quorum = Math.floor(voters.length / 2) + 1
  if (voters.length === 0) return refuse('no other member of etcd has a vote: without this one nothing is left of it')
  if (well < quorum) {
    return refuse(
      `of the other ${voters.length} voting members of etcd ${well} are healthy, and it takes ${quorum}: mend them first`
    )
  }
  return { do: 'remove', id }
}

const refuse = (reason: string): Leaving => ({ do: 'refuse', reason })
