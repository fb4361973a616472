import type { EtcdMember } from '@joinery/etcd'
import { decideRemoval, ownMember, type Removal } from '@joinery/etcd'

/** A control plane that is to go, as its Node is called; `address`: where its machine was seen. */
export interface Leaver {
  name: string
  address: string
}

/** As kubeadm calls it, like the Node; before it was started it has no name, and is known by its address. */
export const membersOf = (members: readonly EtcdMember[], { name, address }: Leaver): EtcdMember[] => {
  const named = members.filter((member) => member.name === name)
  const nameless = members.filter((member) => member.name === '')
  return named.length > 0 ? named : [ownMember(nameless, { address }) ?? []].flat()
}

/**
 * What becomes of the etcd member of a control plane that is to go. `healthy`: ids of the members that answer. `here`:
 * addresses of this machine, whose own member stays: etcd is asked by it.
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
