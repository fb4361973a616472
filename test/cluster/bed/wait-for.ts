import { setTimeout as sleep } from 'node:timers/promises'

const shown = 2000

/**
 * Looks again and again until what is seen is accepted, and gives it; `pause` milliseconds between two looks. A look that
 * rejects is one more look. Past the deadline (milliseconds) it rejects and says what was awaited, for how long, and what was
 * last seen.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T>,
  accept: (seen: T) => boolean,
  timeout: number,
  pause = 250
): Promise<T> {
  const deadline = performance.now() + timeout
  for (;;) {
    let last: string
    try {
      const seen = await look()
      if (accept(seen)) return seen
      last = typeof seen === 'string' ? seen : String(JSON.stringify(seen))
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeout / 1000} s for ${what}; last seen: ${last.slice(-shown)}`)
    }
    await sleep(pause)
  }
}
