import type { Family } from '../../../network/subnets.ts'

/** A new TCP connection from another machine. Its origin and its link are not known. */
export interface Connection {
  family: Family
  port: number
}

/** The match of a rule and the connection. `maybe`: it depends on facts of the connection that are not known. */
export type Match = 'yes' | 'no' | 'maybe'

/** The act of a rule. `unknown`: it may let in, keep out, or go on. */
export type Act = { do: 'accept' | 'drop' | 'return' | 'go-on' | 'unknown' } | { do: 'jump' | 'goto'; chain: string }

export interface Rule {
  match: Match
  act: Act
}

/** The rules of a packet filter, read for one connection. */
export interface Ruleset {
  /** Every place where packets for the machine itself come in. All of them have to let a packet pass. */
  inputs: { chain: string; policy: 'accept' | 'drop' }[]
  chains: ReadonlyMap<string, readonly Rule[]>
}

/** The match of several conditions that must all hold. */
export const every = (matches: readonly Match[]): Match => {
  if (matches.includes('no')) return 'no'
  return matches.includes('maybe') ? 'maybe' : 'yes'
}

export const not = (match: Match): Match => (({ yes: 'no', no: 'yes', maybe: 'maybe' }) as const)[match]
