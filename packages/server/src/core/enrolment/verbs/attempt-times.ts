import type { Clock, Monotonic } from '../../base/clock.ts'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { openAttempt } from '../facts/attempts.ts'

interface Parts {
  clock: Clock
  monotonic: Monotonic
  /** Time by the cluster's clock. Undefined until the cluster has answered. */
  clusterNow: () => Date | undefined
}

interface End {
  number: number
  /** End of the attempt by the monotonic clock. */
  at: number
  /**
   * True if the end was computed by the clock of this host. The cluster's clock, the only one that nobody set meanwhile, was
   * not known yet.
   */
  byHost: boolean
}

/**
 * Knows how long the open attempts have left, by the monotonic clock, from when this process saw each first. A server that was
 * restarted goes by the cluster's clock. For an attempt without a deadline by that clock, it goes by its own.
 */
export class AttemptTimes {
  readonly #parts: Parts
  /** Ends of open attempts, by id of the enrolment. */
  readonly #ends = new Map<string, End>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Milliseconds that the open attempt has left, at most 0 when it is over. Undefined if no attempt is open. */
  left(enrolment: EnrolmentDocument): number | undefined {
    const { monotonic } = this.#parts
    const open = openAttempt(enrolment)
    if (open === undefined) {
      this.#ends.delete(enrolment.id)
      return undefined
    }
    let end = this.#ends.get(enrolment.id)
    if (end?.number !== open.number || (end.byHost && this.#parts.clusterNow() !== undefined)) {
      end = this.#endOf(open)
      this.#ends.set(enrolment.id, end)
    }
    return end.at - monotonic()
  }

  #endOf({ number, claimed, deadline, expires }: AttemptDocument): End {
    const { clock, monotonic, clusterNow } = this.#parts
    const lifetime = Date.parse(deadline) - Date.parse(claimed)
    const now = clusterNow()
    const byCluster = expires === undefined || now === undefined ? undefined : Date.parse(expires) - now.getTime()
    const left = byCluster ?? Date.parse(deadline) - clock.now().getTime()
    // a clock that was set back gives nobody more than there was
    const at = monotonic() + Math.min(left, lifetime)
    return { number, at, byHost: expires !== undefined && byCluster === undefined }
  }
}

/**
 * Milliseconds that the clock may differ without having been set. A time service moves it, and the cluster's clock, in whole
 * seconds, is not read more exactly.
 */
const tolerance = 5000

/**
 * Moves the times of an open attempt if the wall clock was set. All that reads them then sees `left` milliseconds. Undefined if
 * the clock was not set.
 */
export const decideClockSet = (
  enrolment: EnrolmentDocument,
  left: number | undefined,
  now: Date
): Decision | undefined => {
  const open = openAttempt(enrolment)
  if (open === undefined || left === undefined) return undefined
  const moved = now.getTime() + left - Date.parse(open.deadline)
  if (Math.abs(moved) <= tolerance) return undefined
  const shifted = (time: string): string => new Date(Date.parse(time) + moved).toISOString()
  const attempt = { ...open, claimed: shifted(open.claimed), deadline: shifted(open.deadline) }
  const by = `${moved > 0 ? '+' : '-'}${Math.round(Math.abs(moved) / 1000)} s`
  return {
    enrolment: {
      ...enrolment,
      join: { ...enrolment.join, attempts: enrolment.join.attempts.map((one) => (one === open ? attempt : one)) }
    },
    entries: [entry(now, 'server', 'clock-set', `${by}; attempt ${open.number} ends at ${attempt.deadline}`)]
  }
}
