import type { Seeded } from '@joinery/testing/chance/seeded'
import type { Fate } from '@joinery/testing/log/fate'
import type { Monotonic } from '../../../src/core/base/clock.ts'

/**
 * State of the API server for a while:
 * - calm: calls take some milliseconds
 * - rough: calls are lost, late, refused, or need seconds
 * - refusing: it refuses most calls, as one with too many requests does
 * - away: nobody answers
 * - full: etcd takes no write
 */
export type Sky = 'calm' | 'rough' | 'refusing' | 'away' | 'full'

/** Longest time that a call is carried out late, in milliseconds. */
export const latest = 40_000

/** Decides what becomes of each call to the API server. */
export class Weather {
  readonly #chance: Seeded
  readonly #now: Monotonic
  #sky: Sky = 'calm'
  #until = Number.POSITIVE_INFINITY
  /** Hosts from which no call gets through, each with the time until which that is so. */
  readonly #cut = new Map<string, number>()

  constructor(chance: Seeded, now: Monotonic) {
    this.#chance = chance
    this.#now = now
  }

  /** Changes the weather for so many milliseconds. */
  turn(sky: Sky, milliseconds: number): void {
    this.#sky = sky
    this.#until = this.#now() + milliseconds
  }

  /** Cuts a host off from the API server for so many milliseconds. */
  cut(host: string, milliseconds: number): void {
    this.#cut.set(host, this.#now() + milliseconds)
  }

  clear(): void {
    this.turn('calm', Number.POSITIVE_INFINITY)
    this.#cut.clear()
  }

  fate(host: string): Fate {
    if ((this.#cut.get(host) ?? 0) > this.#now()) return { is: 'never' }
    const chance = this.#chance
    switch (this.#now() < this.#until ? this.#sky : 'calm') {
      case 'calm':
        return { is: 'answered', there: chance.integer(1, 10), back: chance.integer(1, 10) }
      case 'refusing':
        return chance.chance(0.7) ? { is: 'refused' } : { is: 'answered', there: 1, back: 1 }
      case 'away':
        return chance.chance(0.5) ? { is: 'never' } : { is: 'refused', why: 'connection refused' }
      case 'full':
        return { is: 'full', done: chance.chance(0.2) }
      case 'rough':
        return rough(chance)
    }
  }
}

const rough = (chance: Seeded): Fate => {
  const dice = chance.next()
  if (dice < 0.05) return { is: 'lost', there: chance.integer(0, 2_000) }
  if (dice < 0.1) return { is: 'late', by: chance.integer(0, latest) }
  if (dice < 0.14) return { is: 'never' }
  if (dice < 0.18) return { is: 'refused' }
  if (dice < 0.2) return { is: 'full', done: chance.chance(0.5) }
  if (dice < 0.3) return { is: 'answered', there: chance.integer(0, 3_000), back: chance.integer(0, 3_000) }
  return { is: 'answered', there: chance.integer(1, 10), back: chance.integer(1, 10) }
}
