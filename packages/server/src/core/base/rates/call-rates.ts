import { ProblemError } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { budgets } from '../budgets.ts'
import type { Monotonic } from '../clock.ts'
import { Buckets } from './buckets.ts'
import type { Rate } from './token-bucket.ts'

/** Calls of an agent that have a rate. */
export type RatedCall = keyof typeof budgets.calls

/** Hears of each call that came too often. */
export interface RateMeter {
  refused(call: RatedCall): void
}
export const RateMeter = Symbol('RateMeter') as InjectionToken<RateMeter>

/** Limits how often one key may call. Each key counts by itself, so a key that calls too often holds up nobody else. */
export class CallRates {
  readonly #buckets: Map<RatedCall, Buckets>
  readonly #meter: RateMeter | undefined

  constructor(monotonic: Monotonic, rates: Readonly<Record<RatedCall, Rate>> = budgets.calls, meter?: RateMeter) {
    this.#meter = meter
    const calls = Object.keys(budgets.calls) as RatedCall[]
    this.#buckets = new Map(calls.map((call) => [call, new Buckets(rates[call], monotonic, budgets.rememberedKeys)]))
  }

  /** Throws `too-many-requests` if this key has called too often. */
  require(call: RatedCall, key: string): void {
    const wait = this.#buckets.get(call)?.take(key) ?? 0
    if (wait === 0) return
    this.#meter?.refused(call)
    throw new ProblemError(
      'too-many-requests',
      { detail: `this machine calls too often (${call})` },
      { retryAfter: Math.ceil(wait / 1000) }
    )
  }
}
