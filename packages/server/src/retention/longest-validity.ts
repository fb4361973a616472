import { X509Certificate } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { day } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Csr } from '../cluster/cluster.ts'
import { entry } from '../enrolment/decision/decision.ts'
import { clusterSubject, type Store } from '../store/store.ts'
import { guardDays } from './decide-prune.ts'

interface Parts {
  store: Pick<Store, 'timeline' | 'commit'>
  clock: Clock
}

/** It is counted in months, so that a kubelet which asks for ever longer certificates has few entries written. */
const month = 31
const event = 'longest-certificate'

/**
 * For how long kubelets' certificates of this cluster were ever good, in days: the signer's setting may change, and what it issued
 * before stays good. Durable, as an entry of the cluster's timeline, where it is longer than a ban lasts anyway.
 */
export class LongestValidity {
  readonly #parts: Parts
  #days: number | undefined
  /** By uid of the CSR: a certificate does not change. */
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
    const { store, clock } = this.#parts
    const detail = `${days} days: a kubelet's certificate is good for that long, and a ban lasts longer`
    await store.commit({ entries: [{ subject: clusterSubject, entry: entry(clock.now(), 'server', event, detail) }] })
    this.#days = days
  }
}

const daysOf = ({ event: what, detail }: { event: string; detail: string }): number[] =>
  what === event ? [Number.parseInt(detail, 10)] : []

/** In whole months, rounded up. What is no certificate is good for no time. */
const validDays = (pem: string): number => {
  try {
    const { validFromDate, validToDate } = new X509Certificate(pem)
    return Math.ceil((validToDate.getTime() - validFromDate.getTime()) / (month * day)) * month
  } catch {
    return 0
  }
}
