import { join } from 'node:path'

/** Where a bed can be: two of them fit on one host, and share nothing but the cache. */
export interface Place {
  /** Its network namespace, which has no way out. */
  namespace: string
  /** Held by the bed's guardian. */
  lock: string
  /** Folder of the run's files. */
  run: string
}

/** In the order in which they are taken. */
export function placesOf(cache: string): [Place, Place] {
  const place = (suffix: string): Place => ({
    namespace: `joinery-bed${suffix}`,
    lock: `/run/joinery-bed${suffix}.lock`,
    run: join(cache, `run${suffix}`)
  })
  return [place(''), place('-2')]
}
