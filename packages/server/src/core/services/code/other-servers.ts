import type { Install } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/**
 * URLs of the other servers of this installation, as far as this one knows them now. None if it is the only one. Undefined if it has not
 * looked yet: nobody may take that for none.
 */
export type OtherServers = () => readonly string[] | undefined
export const OtherServers = Symbol('OtherServers') as InjectionToken<OtherServers>

/** Address of this server, and what machines check it by. */
export type Identity = Pick<Install, 'server' | 'pin' | 'nextPin' | 'certificateAuthority'>
export const Identity = Symbol('Identity') as InjectionToken<Identity>

/** The addresses where machines find the server, and what they check each of them by. */
export type Reached = Identity & Pick<Install, 'servers'>

/** The same with the other servers. One that is the only one is described as ever. */
export const withOthers = (identity: Identity, others: readonly string[] = []): Reached => {
  if (others.length === 0) return identity
  const { server, ...rest } = identity
  return { server, servers: [...others], ...rest }
}

/** The addresses where machines find the server now. */
export type ReachedAt = () => Reached
export const ReachedAt = Symbol('ReachedAt') as InjectionToken<ReachedAt>
