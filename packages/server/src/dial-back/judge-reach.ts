import type { Reach } from '@joinery/protocol'
import type { Dialled } from './dialler.ts'

/**
 * What it says of a machine when it was dialled at the address where the server sees it. Where that is none of the
 * machine's own, whoever did not answer may be somebody else: of the machine itself nothing is known.
 */
export const judgeReach = (dialled: Dialled, seen: string, claimed: readonly string[]): Reach =>
  dialled === 'open' || claimed.includes(seen) ? dialled : 'behind-nat'
