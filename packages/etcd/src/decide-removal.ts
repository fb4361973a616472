import type { EtcdMember } from './etcd.ts'

export type Removal = { do: 'remove'; id: string } | { do: 'refuse'; reason: string }

/** Decides if this member may go: only if etcd is well without it. `healthy` has the ids of the members that answer. */
export const decideRemoval = (
  members: readonly EtcdMember[],
  healthy: ReadonlySet<string>,
  { id }: EtcdMember
): Removal => {
  const voters = members.filter((other) => other.id !== id && !other.isLearner)
  const well = voters.filter((voter) => healthy.has(voter.id)).length
  const quorum = Math.floor(voters.length / 2) + 1
  if (voters.length === 0)
    return refuse('no other member of etcd has a vote: without this member nothing is left of etcd')
  if (well < quorum) {
    return refuse(
      `of the other ${voters.length} voting members of etcd, ${well} are healthy, and etcd needs ${quorum}: repair them first`
    )
  }
  return { do: 'remove', id }
}

export const refuse = (reason: string): { do: 'refuse'; reason: string } => ({ do: 'refuse', reason })
