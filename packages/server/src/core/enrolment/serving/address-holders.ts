import { plainAddress } from '../../base/ip-address.ts'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/** A party that has an address, or says so: a Node, or an enrolment that was approved. */
export interface Holder {
  /** Name of a Node. */
  node?: string
  /** Id of an enrolment. */
  enrolment?: string
  /** The holder in words. */
  who: string
}

/** Holders by address, as `plainAddress` gives it. */
export type AddressHolders = ReadonlyMap<string, readonly Holder[]>

/**
 * Addresses of a machine: where the server sees it, and what it claimed when it was approved. The operator was shown both.
 * Nobody has judged what it claims later.
 */
export const addressesOf = ({ address, approval }: Pick<EnrolmentDocument, 'address' | 'approval'>): string[] =>
  [...new Set([address, ...(approval.addresses ?? [])].map(plainAddress))].filter((plain) => plain !== undefined)

/**
 * Makes the holders of addresses from Nodes and enrolments. `enrolments`: those that hold a name. An enrolment that nobody
 * approved has no word in what others are given. One whose Node was deleted stands in nobody's way.
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
