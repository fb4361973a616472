import { setTimeout as sleep } from 'node:timers/promises'
import type { NewCode } from '@joinery/protocol'
import { seededFor } from '@joinery/testing/chance/seeded'
import type { Test } from 'tap'
import { waitFor } from '../bed/wait-for.ts'
import type { CrewOrder } from '../inside/crew.ts'
import { minutes } from '../product.ts'
import { judgeCrew, runCrew } from './crew.ts'
import type { World } from './open-servers.ts'
import { race } from './race.ts'
import type { OneServer } from './three-servers.ts'

/** When the active server is killed. */
export interface Moment {
  what: string
  /** Resolves when it has come. */
  comes(active: OneServer): Promise<unknown>
}

const seen = <T>(what: string, look: (active: OneServer) => Promise<T>, accept: (seen: T) => boolean): Moment => ({
  what,
  comes: (active) => waitFor(what, () => look(active), accept, minutes, 20)
})

/** Moments at which each part of what was acknowledged lies elsewhere. */
export const chosenMoments: readonly Moment[] = [
  seen(
    'a commit is in the head alone, and its documents are not written',
    (active) => active.ask((operator) => operator.status()),
    ({ log }) => (log?.waiting ?? 0) > 0
  ),
  seen(
    'a machine has its token, and joins',
    (active) => active.ask((operator) => operator.list()),
    ({ items }) => items.some(({ state }) => state === 'joining')
  ),
  { what: 'another one has just taken over', comes: async () => {} }
]

/** So many moments that follow from the seed. */
export const momentsOf = (seed: number, count: number): Moment[] => {
  const random = seededFor(seed, 7)
  const pauses = Array.from({ length: count }, () => random.integer(2000, 6000))
  return pauses.map((pause) => ({ what: `${pause} ms later`, comes: () => sleep(pause) }))
}

/** Kills the active server at these moments, while a crew of machines joins. Then the model judges what was seen. Gives how often it killed. */
export const killedAgain = async (
  t: Test,
  { bed, servers, tokens }: World,
  order: Pick<CrewOrder, 'seed' | 'machines' | 'lanes' | 'seconds'>,
  moments: readonly Moment[]
): Promise<number> => {
  t.comment(`seed ${order.seed}`)
  let isOver = false
  const crew = runCrew(bed, servers, order).finally(() => {
    isOver = true
  })
  const restarts = new Map<OneServer, Promise<void>>()
  const pauses: string[] = []
  for (const { what, comes } of moments) {
    if (isOver) break
    const active = await servers.untilActive()
    await comes(active)
    await restarts.get(active)
    await active.signal('SIGKILL')
    const begun = performance.now()
    await servers.untilActive(active)
    pauses.push(`${((performance.now() - begun) / 1000).toFixed(1)} s (${what})`)
    restarts.set(active, active.start())
  }
  await Promise.all(restarts.values())
  const saw = await crew
  const shown = pauses.join(', ')
  t.comment(`${saw.machines} machines, ${saw.exchanges.length} requests; another server is active after ${shown}`)
  t.ok(saw.enrolments.length > order.machines / 2, `${saw.enrolments.length} enrolments`)
  const swept = () => judgeCrew(bed, servers, saw, tokens)
  t.same(await waitFor('the sweeps', swept, (broken) => broken.length === 0, 2 * minutes).catch(swept), [])
  return pauses.length
}

/** Has a hundred machines want one code, over three servers, again and again. One gets in each time. */
export const raced = async (t: Test, { bed, servers }: World, active: OneServer, turns: number): Promise<void> => {
  for (let turn = 1; turn <= turns; turn += 1) {
    const words = ['code', 'create', '--name', `raced-${turn}`, '-o', 'json']
    const { code } = JSON.parse((await active.joinery(...words)).stdout) as NewCode
    t.same(await race(bed, servers, { code, racers: 100 }), { accepted: 1, refused: 99 }, `turn ${turn}`)
  }
}
