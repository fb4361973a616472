/** Slots that are taken: in all, by machines of the code, and by machines at the address. */
export interface Taken {
  all: number
  code: number
  address: number
}

/**
 * True if a machine of that code, at that address, may have one more of `slots`. A code may hold half as many slots as
 * are free, and an address as many as are free. However many machines have one code or one address, they leave room for
 * the next code and the next address. A single code gets a third of all slots, and a single address half.
 */
export const hasSlot = ({ all, code, address }: Taken, slots: number): boolean => {
  const free = slots - all
  return free > 0 && 2 * code < free && address < free
}
