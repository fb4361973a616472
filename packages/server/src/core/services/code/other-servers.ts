import type { Install } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/**
 * URLs of the other servers of this installation, as far as this one knows them now. None if it is the only one. Undefined if it has not
 * looked yet: nobody may take that for none.
 */
export type OtherServers = () => readonly string[] | undefined
export const OtherServers = Symbol('OtherServers') as InjectionToken<OtherServers>

/** The addresses where machines find the server, and what they check each of them by. */
export type Reached = Pick<Install, 'server' | 'servers' | 'pin' | 'nextPin' | 'certificateAuthority'>

/** The same with the other servers. One that is the only one is described as ever. */
export const withOthers = (identity: Reached, others: readonly string[] = []): Reached => {
  if (others.length === 0) return identity
  const { server, ...rest } = identity
  return { server, servers: [...others], ...rest }
}
