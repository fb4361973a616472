import type { Lifetime } from './credential-lifetime.ts'

/** A share of its lifetime, because a cluster may give shorter tokens than were asked for: an hour, at the least. */
export const renewalDue = ({ issued, expires }: Lifetime, now: Date): boolean =>
  expires.getTime() - now.getTime() < (expires.getTime() - issued.getTime()) * (3 / 4)
