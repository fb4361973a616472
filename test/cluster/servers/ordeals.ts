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

/** Kills the active server at moments that follow from the seed, while a crew of machines joins. Then the model judges what was seen. */
export const killedAgain = async (
  t: Test,
  { bed, servers, tokens }: World,
  order: Pick<CrewOrder, 'seed' | 'machines' | 'lanes' | 'seconds'> & { kills: number }
): Promise<void> => {
  t.comment(`seed ${order.seed}`)
  const random = seededFor(order.seed, 7)
  let isOver = false
  const crew = runCrew(bed, servers, order).finally(() => {
    isOver = true
  })
  const pauses: number[] = []
  while (pauses.length < order.kills && !isOver) {
    await sleep(random.integer(2000, 6000))
    const active = await servers.untilActive()
    await active.signal('SIGKILL')
    const begun = performance.now()
    await servers.untilActive(active)
    pauses.push((performance.now() - begun) / 1000)
    await active.start()
  }
  const saw = await crew
  const shown = pauses.map((seconds) => seconds.toFixed(1)).join(', ')
  t.comment(`${saw.machines} machines, ${saw.exchanges.length} requests; another server is active after ${shown} s`)
  t.ok(saw.enrolments.length > order.machines / 2, `${saw.enrolments.length} enrolments`)
  t.ok(pauses.length > 0)
  const swept = () => judgeCrew(bed, servers, saw, tokens)
  t.same(await waitFor('the sweeps', swept, (broken) => broken.length === 0, 2 * minutes).catch(swept), [])
}

/** Has a hundred machines want one code, over three servers, again and again. One gets in each time. */
export const raced = async (t: Test, { bed, servers }: World, active: OneServer, turns: number): Promise<void> => {
  for (let turn = 1; turn <= turns; turn += 1) {
    const words = ['code', 'create', '--name', `raced-${turn}`, '-o', 'json']
    const { code } = JSON.parse((await active.joinery(...words)).stdout) as NewCode
    t.same(await race(bed, servers, { code, racers: 100 }), { accepted: 1, refused: 99 }, `turn ${turn}`)
  }
}
