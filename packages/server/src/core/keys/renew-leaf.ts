import { giveToRoot } from './authority-keys.ts'
import { ensureLeaf } from './ensure-leaf.ts'
import { isKeyChangeCut } from './key-change.ts'

export interface RenewLeafOptions {
  state: string
  /** URL to which machines are sent. */
  address: string
  /** Addresses of this machine, for a leaf that says none. */
  machine: readonly string[]
  now: Date
  print(line: string): void
}

/**
 * Makes a new certificate of the agents' listener if it needs one: it is damaged, near its end, or does not name the host of `address`.
 * The server may run meanwhile, and several of these at the same time. The keys of the CAs are root's afterwards. Throws
 * `StartRefusal`.
 */
export const renewLeaf = async ({ state, address, machine, now, print }: RenewLeafOptions): Promise<void> => {
  if (isKeyChangeCut(state)) {
    // what lies there is half of a change, which the server finishes when it starts
    print(`a change of the keys in ${state} was cut: nothing is renewed before it is finished`)
    return
  }
  await giveToRoot(state)
  await ensureLeaf(state, { wanted: [], machine, published: address }, now, print)
}
