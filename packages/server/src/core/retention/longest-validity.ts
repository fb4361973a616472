import { X509Certificate } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { day } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Commits } from '../commit/commits.ts'
import { entry } from '../enrolment/decision/decision.ts'
import type { Csr } from '../ports/cluster/csrs.ts'
import type { Store } from '../ports/store/store.ts'
import { clusterSubject } from '../ports/store/timeline.ts'
import { guardDays } from './decide-prune.ts'

interface Parts {
  store: Pick<Store, 'timeline'>
  commits: Pick<Commits, 'append'>
  clock: Clock
}

/**
 * Days of the unit that validity is counted in, so that a kubelet which asks for ever longer certificates has few entries
 * written.
 */
const month = 31
const event = 'longest-certificate'

/**
 * Knows the longest time that a kubelet's certificate of this cluster was ever good for, in days. The signer's setting may
 * change, and what it issued before stays good. The time is durable, as an entry of the cluster's timeline, if it is longer
 * than a ban lasts anyway.
 */
export class LongestValidity {
  readonly #parts: Parts
  #days: number | undefined
  /** Uids of the CSRs whose certificate was seen: a certificate does not change. */
  #seen = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  readonly days = async (): Promise<number> => {
    this.#days ??= Math.max(guardDays, ...(await this.#parts.store.timeline(clusterSubject)).flatMap(daysOf))
    return this.#days
  }

  /** Looks at the certificates of these requests that it has not seen yet. */
  async look(csrs: readonly Pick<Csr, 'uid' | 'certificate'>[]): Promise<void> {
    const fresh = csrs.filter(({ uid, certificate }) => certificate !== undefined && !this.#seen.has(uid))
    let longest = 0
    for (const [index, { certificate = '' }] of fresh.entries()) {
      longest = Math.max(longest, validDays(certificate))
      // there may be thousands, and others wait
      if (index % 100 === 99) await setImmediate()
    }
    if (longest > (await this.days())) await this.#note(longest)
    this.#seen = new Set(csrs.flatMap(({ uid, certificate }) => (certificate === undefined ? [] : uid)))
  }

  async #note(days: number): Promise<void> {
    const { commits, clock } = this.#parts
    const detail = `${days} days: a kubelet's certificate is good for that long, and a ban lasts longer`
    await commits.append({ entries: [{ subject: clusterSubject, entry: entry(clock.now(), 'server', event, detail) }] })
    this.#days = days
  }
}

const daysOf = ({ event: what, detail }: { event: string; detail: string }): number[] =>
  what === event ? [Number.parseInt(detail, 10)] : []

/** Days that a certificate is good for, in whole months, rounded up. Zero for text that is no certificate. */
const validDays = (pem: string): number => {
  try {
    const { validFromDate, validToDate } = new X509Certificate(pem)
    return Math.ceil((validToDate.getTime() - validFromDate.getTime()) / (month * day)) * month
  } catch {
    return 0
  }
}
