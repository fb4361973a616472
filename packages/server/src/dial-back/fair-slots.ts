/** Of the slots that are taken: in all, by machines of the code, and by machines at the address. */
export interface Taken {
  all: number
  code: number
  address: number
}

/**
 * Whether one more is for a machine of that code, at that address, of so many slots. A code may hold half as many as are
 * free, and an address as many as are: however many machines have one code or one address, they leave room for the next
 * code, and the next address; alone they get a third and half of all.
 */
export const hasSlot = ({ all, code, address }: Taken, slots: number): boolean => {
  const free = slots - all
  return free > 0 && 2 * code < free && address < free
}
