import type { Budgets } from '../../core/base/budgets.ts'

/** Count of the connections that are in when a new one comes. Of the new one nothing is known but its address. */
export interface Census {
  all: number
  strangers: number
  /** Strangers of the same address. */
  strangersOfAddress: number
}

/**
 * Fate of a new connection:
 * - admit: there is a place
 * - displace-neighbour: the oldest stranger of the same address makes room
 * - displace-stranger: the oldest stranger of all makes room
 * - refuse: known keys hold all places, and those never go
 */
export type Admission = 'admit' | 'displace-neighbour' | 'displace-stranger' | 'refuse'

/**
 * Decides whether a new connection comes in. The new one comes before a stranger that is in: a machine that enrols
 * needs its place only for a moment.
 */
export const decideAdmission = (census: Census, limits: Budgets['connections']): Admission => {
  if (census.strangersOfAddress >= limits.strangersOfAddress) return 'displace-neighbour'
  if (census.strangers < limits.strangers && census.all < limits.all) return 'admit'
  return census.strangers > 0 ? 'displace-stranger' : 'refuse'
}
