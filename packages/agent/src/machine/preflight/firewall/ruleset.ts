import type { Family } from '../../network/subnets.ts'

/** A new TCP connection from another machine. Where it comes from, and over which link, is not known. */
export interface Connection {
  family: Family
  port: number
}

/** Whether a rule is for the connection; `maybe` where that depends on what is not known of it. */
export type Match = 'yes' | 'no' | 'maybe'

/** `unknown`: it may let in, keep out, or go on. */
export type Act = { do: 'accept' | 'drop' | 'return' | 'go-on' | 'unknown' } | { do: 'jump' | 'goto'; chain: string }

export interface Rule {
  match: Match
  act: Act
}

/** The rules of a packet filter, read for one connection. */
export interface Ruleset {
  /** Where packets for the machine itself come in, each of them: every one has to let them pass. */
  inputs: { chain: string; policy: 'accept' | 'drop' }[]
  chains: ReadonlyMap<string, readonly Rule[]>
}

/** All of them together. */
export const every = (matches: readonly Match[]): Match => {
  if (matches.includes('no')) return 'no'
  return matches.includes('maybe') ? 'maybe' : 'yes'
}

export const not = (match: Match): Match => (({ yes: 'no', no: 'yes', maybe: 'maybe' }) as const)[match]
