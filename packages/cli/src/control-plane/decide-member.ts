import type { EtcdMember } from '@joinery/etcd'
import { decideRemoval, ownMember, type Removal } from '@joinery/etcd'

/** A control plane that goes, by the name of its Node. `address`: the server saw its machine there. */
export interface Leaver {
  name: string
  address: string
}

/** Members of the leaver. kubeadm names a member like its Node. A member that never started has only an address. */
export const membersOf = (members: readonly EtcdMember[], { name, address }: Leaver): EtcdMember[] => {
  const named = members.filter((member) => member.name === name)
  const nameless = members.filter((member) => member.name === '')
  return named.length > 0 ? named : [ownMember(nameless, { address }) ?? []].flat()
}

/**
 * The fate of the etcd member of a control plane that goes. `healthy`: ids of the members that answer. `here`:
 * addresses of this machine. Its own member stays, because it serves these calls to etcd.
 */
export const decideMember = (
  members: readonly EtcdMember[],
  healthy: ReadonlySet<string>,
  leaver: Leaver,
  here: readonly string[]
): Removal | { do: 'nothing' } => {
  const [member, twin] = membersOf(members, leaver)
  if (member === undefined) return { do: 'nothing' }
  if (twin !== undefined) {
    return { do: 'refuse', reason: `two members of etcd are called ${leaver.name}: ${member.id} and ${twin.id}` }
  }
  if (here.some((address) => ownMember([member], { address }) !== undefined)) {
    return { do: 'refuse', reason: `the etcd member of ${leaver.name} is the one of this machine` }
  }
  return decideRemoval(members, healthy, member)
}
