/**
 * The verdict on the pin that a cluster shows.
 * - first: this cluster was not seen before
 * - same: the pin is the one that was kept
 * - followed: the pin is the one that the CA of the kept one signed as the next
 * - accepted: the pin or the cluster is another one, and the operator has typed the pin
 * - changed: the pin is another one
 * - elsewhere: the context, or the CA of the API server, belonged to another cluster until now
 * - another: the operator has typed a pin, and the cluster shows another one
 */
export type PinVerdict = 'first' | 'same' | 'followed' | 'accepted' | 'changed' | 'elsewhere' | 'another'

/** A pin that was kept. */
export interface KeptPin {
  pin: string
  /** The pin that comes next, as the CA of `pin` signed it. */
  proven?: string | undefined
  /** True if an operator named the pin. Otherwise it is what the cluster showed at first sight. */
  named?: true | undefined
  /** `issued` of the newest statement that was accepted under the pin. */
  issued?: string | undefined
  /** Ways on which the cluster was reached. */
  ways?: readonly string[] | undefined
}

/** Things that are known of the cluster that shows a pin. */
export interface Known {
  kept: KeptPin | undefined
  /** True if one of the ways to it belonged to another cluster until now. */
  elsewhere: boolean
}

/** Judges a pin by the one that was kept, and by the one that the operator typed. */
export const judgePin = (pin: string, { kept, elsewhere }: Known, typed: string | undefined): PinVerdict => {
  if (typed !== undefined && typed !== pin) return 'another'
  const found = elsewhere ? 'elsewhere' : byKept(pin, kept)
  return typed !== undefined && (found === 'elsewhere' || found === 'changed') ? 'accepted' : found
}

const byKept = (pin: string, kept: KeptPin | undefined): PinVerdict => {
  if (kept === undefined) return 'first'
  if (kept.pin === pin) return 'same'
  return kept.proven === pin ? 'followed' : 'changed'
}
