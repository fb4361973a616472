import { leaseTerms, takeAway } from '@joinery/kube/log'
import { serverLease } from '@joinery/kube/names'
import type { LeaseSpec, SeenLease } from './lease-objects.ts'

/** Times of the Lease in milliseconds. The difference of the first and the last is for answers that come late. */
export const leaseTimes = {
  /** Time that a Lease must have been unchanged before another server takes it. */
  lasts: 12_000,
  /** Pause between two renewals. */
  renewEach: 2_000,
  /** Time since the last renewal after which its holder gives the Lease up. */
  giveUpAfter: 8_000
} as const

/** The Lease as this server saw it, and for how long it has been so. */
export interface LeaseSight {
  /** Undefined if there is no Lease. */
  seen: SeenLease | undefined
  /** Time since which it has been seen so, by the monotonic clock of this process. */
  since: number
}

/** Everything that the next act of one server depends on. */
export interface LeaseSituation {
  sight: LeaseSight
  /** Now, by the monotonic clock of this process. */
  now: number
  /** Now, by the wall clock. It is written and never compared. */
  wall: Date
  own: Pick<LeaseSpec, 'holder' | 'address'>
  /** Term in which this server is the active one. Undefined if it stands by. */
  held: number | undefined
  /** Time since the last renewal that succeeded was sent. It counts only for the active server. */
  sinceRenewal: number
  /** Highest term that this process has seen. */
  highest: number
  /** The Lease as this process tried to take it last. The answer may have been lost. */
  tried: Pick<LeaseSpec, 'term' | 'acquired'> | undefined
  /** True if this server must not take the Lease, whoever has it. */
  isBarred: boolean
}

export type LeaseAct =
  /** `trouble`: what keeps every server from the Lease, until somebody does something about it. */
  | { act: 'wait'; milliseconds: number; trouble?: string }
  | { act: 'take' | 'renew'; lease: LeaseSpec; version: string | undefined }
  | { act: 'give-up'; reason: string }

/**
 * The next act of one server. A Lease is over if this server saw no change of it for as long as it lasts: the times in it are
 * those of another clock, and count for nothing. A Lease that is gone may have been deleted under an active server, so it
 * must be gone for as long.
 */
export const decideLease = (situation: LeaseSituation): LeaseAct =>
  situation.held === undefined ? decideStandby(situation) : decideActive(situation, situation.held)

/** Time without a renewal after which a holder seems to be gone. Who looks each 2 s may see one of each 2 s so late. */
const seemsGone = 4_500

/**
 * Time until the Lease is over, of a holder that seems to be gone. Undefined while it renews, and if the sight is too old to say: `looked`
 * is the time of the last look.
 */
export const untilOver = ({ seen, since }: LeaseSight, looked: number, now: number): number | undefined =>
  now - since < seemsGone || now - looked >= seemsGone ? undefined : Math.max(0, since + lasts(seen) - now)

/** Reason of a holder that could not renew the Lease in time. */
export const tooLate = `the Lease could not be renewed for ${leaseTimes.giveUpAfter / 1000} s`

const decideActive = (situation: LeaseSituation, held: number): LeaseAct => {
  const { sight, own, sinceRenewal } = situation
  // not `>=`: a clock that cannot be read gives no number
  if (!(sinceRenewal < leaseTimes.giveUpAfter)) {
    return { act: 'give-up', reason: tooLate }
  }
  const { seen } = sight
  if (seen === undefined) return { act: 'give-up', reason: 'the Lease was deleted' }
  const { holder, term } = seen.spec
  if (holder !== own.holder) {
    return { act: 'give-up', reason: holder === '' ? 'somebody emptied the Lease' : `${holder} has the Lease` }
  }
  if (term !== held) return { act: 'give-up', reason: `somebody changed the term of the Lease from ${held} to ${term}` }
  return renewal(situation, seen)
}

const decideStandby = (situation: LeaseSituation): LeaseAct => {
  const { sight, now, wall, own, highest, tried, isBarred } = situation
  const { seen, since } = sight
  // also what it took just before, and has not heard of: it runs out
  if (isBarred) return { act: 'wait', milliseconds: leaseTimes.renewEach }
  if (seen !== undefined && isTaken(seen.spec, own, tried)) return renewal(situation, seen)
  const left = isReleased(seen) ? 0 : since + lasts(seen) - now
  if (left > 0) return { act: 'wait', milliseconds: left }
  const at = wall.toISOString()
  const term = nextTerm(seen?.spec.term, highest)
  if (term === undefined) return { act: 'wait', milliseconds: leaseTimes.renewEach, trouble: noTermLeft }
  return { act: 'take', lease: { ...own, term, renewed: at, acquired: at, seconds }, version: seen?.version }
}

/** True if this is what the process itself tried to write. Somebody may have written its id into another's Lease. */
const isTaken = (spec: LeaseSpec, own: LeaseSituation['own'], tried: LeaseSituation['tried']): boolean =>
  spec.holder === own.holder && spec.term === tried?.term && spec.acquired === tried.acquired

const renewal = ({ own, wall }: LeaseSituation, { version, spec }: SeenLease): LeaseAct => {
  const at = wall.toISOString()
  // a write that changes nothing gets no new version, and others would see no renewal
  const renewed = at === spec.renewed ? new Date(wall.getTime() + 1).toISOString() : at
  return { act: 'renew', lease: { ...own, term: spec.term, acquired: spec.acquired, renewed, seconds }, version }
}

const seconds = leaseTimes.lasts / 1000

/** Seconds of a Lease that its holder released. Whoever only empties the holder by hand does not write them. */
export const releasedSeconds = 1

/** The Lease that a holder leaves behind when it ends in good order. Others take it at once. */
export const released = ({ spec }: SeenLease, wall: Date): LeaseSpec => ({
  ...spec,
  holder: '',
  renewed: wall.toISOString(),
  seconds: releasedSeconds
})

const isReleased = (seen: SeenLease | undefined): boolean =>
  seen !== undefined && seen.spec.holder === '' && seen.spec.seconds === releasedSeconds

/** Longest time that a Lease can last, in milliseconds, whatever somebody wrote into it. */
const longest = 60_000

/** Time for which the Lease must be unchanged: another version of the server may say more than this one. */
const lasts = (seen: SeenLease | undefined): number =>
  Math.max(leaseTimes.lasts, Math.min((seen?.spec.seconds ?? 0) * 1000 || 0, longest))

/** Reason of a server that stands by, if the term of the Lease cannot grow any more. */
const noTermLeft = `the Lease has term ${leaseTerms.last}, the last one that there is, and somebody wrote it by hand; have the Lease made anew: ${takeAway('lease', serverLease)}`

/**
 * The term of whoever takes the Lease: higher than each that was seen, if the policy takes such a step. A Lease that is gone begins
 * again if somebody had written a term to which nobody counts. Undefined if there is no higher one.
 */
const nextTerm = (seen: number | undefined, highest: number): number | undefined => {
  if (seen === undefined) return highest < leaseTerms.first ? highest + 1 : 1
  if (seen >= leaseTerms.last) return undefined
  return Math.min(Math.max(seen, highest) + 1, seen + leaseTerms.step, leaseTerms.last)
}
