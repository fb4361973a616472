import type { Seeded } from '@joinery/testing/chance/seeded'

/**
 * What becomes of a call to the API server:
 * - slow: it is carried out and answered late, so that others overtake it
 * - failing: it is not carried out
 * - cut: it is carried out, and its answer is lost
 * - late: its caller is told that there is no answer, and it is carried out afterwards
 */
export const fates = ['slow', 'failing', 'cut', 'late'] as const
export type Fate = (typeof fates)[number]

/**
 * It comes after so many `answers` of the server since the one before: so a slow machine is disturbed as often on its way as a fast one.
 * Times are milliseconds.
 */
export type Disturbance = { answers: number } & (
  | { kind: 'kill'; down: number }
  | { kind: 'api'; fate: Fate; share: number; lasts: number }
  | { kind: 'disk'; room: number; lasts: number; kill: boolean }
)

/** For ever: who runs it ends it. `disk`: there is a disk that can be filled. */
export function* disturbances(random: Seeded, disk: boolean): Generator<Disturbance, never> {
  for (;;) {
    const answers = random.integer(10, 150)
    const kind = random.pick(['kill', 'kill', 'api', 'api', 'disk'] as const)
    // drawn alike with and without a disk, so that a seed means the same on each host
    const [short, long, share, fate] = [
      random.integer(0, 300),
      random.integer(200, 1500),
      random.next(),
      random.pick(fates)
    ]
    const room = random.integer(0, 8) * 4096
    if (kind === 'kill') yield { answers, kind, down: short }
    else if (kind === 'api' || !disk) yield { answers, kind: 'api', fate, share: 0.2 + share * 0.8, lasts: long }
    else yield { answers, kind, room, lasts: long, kill: share < 0.3 }
  }
}
