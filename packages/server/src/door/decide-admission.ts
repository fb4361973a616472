import type { Budgets } from '../base/budgets.ts'

/** How many are in, when another one comes of whom nothing is known but the address. */
export interface Census {
  all: number
  strangers: number
  /** Strangers of the same address. */
  strangersOfAddress: number
}

/**
 * - admit: there is a place
 * - displace-neighbour: the oldest stranger of the same address makes room
 * - displace-stranger: the oldest stranger of all does
 * - refuse: all places are taken by keys that are known, which never go
 */
export type Admission = 'admit' | 'displace-neighbour' | 'displace-stranger' | 'refuse'

/** The newcomer comes before a stranger that is in: a machine that enrols needs its place for a moment only. */
export const decideAdmission = (census: Census, limits: Budgets['connections']): Admission => {
  if (census.strangersOfAddress >= limits.strangersOfAddress) return 'displace-neighbour'
  if (census.strangers < limits.strangers && census.all < limits.all) return 'admit'
  return census.strangers > 0 ? 'displace-stranger' : 'refuse'
}
