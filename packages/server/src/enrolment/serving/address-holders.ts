import { plainAddress } from '../../base/ip-address.ts'
import type { ClusterNode } from '../../cluster/cluster.ts'
import type { EnrolmentDocument } from '../../store/store.ts'

/** Who has an address, or says so: a Node, or an enrolment that was approved. */
export interface Holder {
  /** Of a Node. */
  node?: string
  /** Id of an enrolment. */
  enrolment?: string
  /** In words. */
  who: string
}

/** By address, as `plainAddress` gives it. */
export type AddressHolders = ReadonlyMap<string, readonly Holder[]>

/**
 * Where the server sees a machine, and what it claimed when it was approved: the operator was shown both. What it claims
 * later nobody has judged.
 */
export const addressesOf = ({
  address,
  approvedAddresses = []
}: Pick<EnrolmentDocument, 'address' | 'approvedAddresses'>): string[] =>
  [...new Set([address, ...approvedAddresses].map(plainAddress))].filter((plain) => plain !== undefined)

/**
 * `enrolments`: those that hold a name. One that nobody approved has no word in what others are given, and one whose Node
 * was deleted stands in nobody's way.
 */
export const addressHolders = (
  nodes: readonly ClusterNode[],
  enrolments: readonly EnrolmentDocument[]
): AddressHolders => {
  const holders = new Map<string, Holder[]>()
  const add = (address: string, holder: Holder): void => {
    const known = holders.get(address)
    if (known === undefined) holders.set(address, [holder])
    else known.push(holder)
  }
  for (const { name, addresses } of nodes) {
    for (const address of addresses) add(plainAddress(address) ?? address, { node: name, who: `Node ${name}` })
  }
  for (const enrolment of enrolments) {
    const { id, name, node } = enrolment
    if (node?.condition === 'Gone') continue
    for (const address of addressesOf(enrolment)) add(address, { enrolment: id, who: `${name} (enrolment ${id})` })
  }
  return holders
}
