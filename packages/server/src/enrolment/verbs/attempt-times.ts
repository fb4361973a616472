import type { Clock, Monotonic } from '../../base/clock.ts'
import type { AttemptDocument, EnrolmentDocument } from '../../store/store.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { openAttempt } from '../facts/attempts.ts'

interface Parts {
  clock: Clock
  monotonic: Monotonic
  /** By the cluster's clock; undefined until it has answered. */
  clusterNow: () => Date | undefined
}

interface End {
  number: number
  /** By the monotonic clock. */
  at: number
  /** By the clock of this host: the cluster's, which alone nobody set meanwhile, is not known yet. */
  byHost: boolean
}

/**
 * How long the open attempts have left: by the monotonic clock, from when this process saw each first. A server that was
 * restarted goes by the cluster's clock, and by its own for an attempt that does not know it.
 */
export class AttemptTimes {
  readonly #parts: Parts
  /** By enrolment. */
  readonly #ends = new Map<string, End>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** In milliseconds, of the open attempt, and at most 0 when it is over; undefined where there is none. */
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

/** What a time service does to the clock without setting it, and what the cluster's clock, in whole seconds, is read wrongly by. */
const tolerance = 5000

/**
 * The wall clock was set while an attempt is open: its times are those of the clock as it is now, so that all that reads them sees
 * `left` milliseconds. Undefined: it was not.
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
    enrolment: { ...enrolment, attempts: enrolment.attempts.map((one) => (one === open ? attempt : one)) },
    entries: [entry(now, 'server', 'clock-set', `${by}; attempt ${open.number} ends at ${attempt.deadline}`)]
  }
}
