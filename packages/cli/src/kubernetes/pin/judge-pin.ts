/**
 * The verdict on the pin of a cluster's pairing server.
 * - first: this cluster was not seen before
 * - same: the pin is the one that was kept
 * - followed: the pin is the one that the server announced when it had the one that was kept
 * - accepted: the pin is another one, and the operator has named it
 * - changed: the pin is another one
 * - another: the operator has named a pin, and the server has not that one
 */
export type PinVerdict = 'first' | 'same' | 'followed' | 'accepted' | 'changed' | 'another'

/** A pin that was kept, with the one that its server announced as the next one. */
export interface KeptPin {
  pin: string
  next?: string | undefined
}

/** Judges a pin by the one that was kept, and by the one that the operator accepts. */
export const judgePin = (pin: string, kept: KeptPin | undefined, accepted: string | undefined): PinVerdict => {
  if (accepted !== undefined && accepted !== pin) return 'another'
  if (kept === undefined) return 'first'
  if (kept.pin === pin) return 'same'
  if (kept.next === pin) return 'followed'
  return accepted === undefined ? 'changed' : 'accepted'
}
