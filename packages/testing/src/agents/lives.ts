import type { Test } from 'tap'
import { eventually } from '../clocks/eventually.ts'
import type { Moment } from './agent-process.ts'
import type { AgentMachine, RunningAgent } from './agents.ts'

/** Moments that one life has at most. With 1 each moment has a life of its own: CONTRIBUTING.md says when to play that. */
const inOneLife = Number(process.env.JOINERY_KILLS_IN_A_LIFE ?? 6)

/** The moments of each life, of which no life has more than `most`. Those of one life lie as far apart as they can. */
export const livesOf = <M>(moments: readonly M[], most: number): M[][] => {
  const lives = Math.ceil(moments.length / most)
  return Array.from({ length: lives }, (_, life) => moments.filter((_, index) => index % lives === life))
}

/**
 * Plays lives in which something is killed, cut or lost at each of these moments, at several in one life. `play` takes each moment
 * that it comes to out of `left`. A moment that a life did not come to has one of its own, and so has each moment of a life that failed:
 * then a test names the moment, or shows that it takes several.
 *
 * A restart may repair what an earlier kill of the same life broke. Only lives with one kill show that.
 */
export const playLives = async <M>(
  t: Pick<Test, 'test'>,
  moments: readonly M[],
  nameOf: (moments: string) => string,
  play: (t: Test, left: Set<M>) => Promise<unknown>,
  most = inOneLife
): Promise<void> => {
  const alone: M[] = []
  for (const life of livesOf(moments, most)) {
    const left = new Set(life)
    const isAlone = life.length === 1
    const ended = await t.test(nameOf(life.join(', ')), async (t) => {
      await play(t, left)
      if (isAlone) t.same([...left], [], 'it came to the moment')
    })
    if (!isAlone) alone.push(...(ended?.ok ? left : life))
  }
  if (alone.length > 0) await playLives(t, alone, nameOf, play, 1)
}

/**
 * Starts an agent that is killed, and started again, at each moment of `left` that it comes to. Resolves when it was killed at all of
 * them, with the one that runs then. `partOf`: the part of a moment that `left` has.
 */
export const startKilledAt = async (
  open: AgentMachine,
  left: Set<string>,
  partOf: (moment: Moment) => string = (moment) => moment
): Promise<RunningAgent> => {
  open.watch = (moment, agent) => {
    if (!left.delete(partOf(moment))) return
    agent.kill()
    running = open.start()
  }
  let running = open.start()
  return eventually('it is killed at each moment', () => left.size === 0 && running)
}
