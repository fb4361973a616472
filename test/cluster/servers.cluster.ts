import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { seededFor } from '../faults/plan/random.ts'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { minutes } from './product.ts'
import { judgeCrew, runCrew } from './servers/crew.ts'
import { threeServers } from './servers/three-servers.ts'
import { watchTokens } from './token-watch.ts'

t.setTimeout(0)

/**
 * Three pairing servers of one installation on one real API server and its etcd. The machines are their protocol alone, and each has a
 * kubelet that asks for its certificate and registers its Node.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)
const tokens = await watchTokens(bed)
const servers = await threeServers(bed)
for (const server of servers.all) await server.start()

t.test('one of three is active, and the others name it', async (t) => {
  const active = await servers.untilActive()
  for (const server of servers.all) {
    const { stdout } = await server.joinery('status')
    t.match(stdout, active.url, server.name)
    if (server === active) continue
    t.match((await server.joinery('list')).stderr, /not-active|not the active/, `${server.name} decides nothing`)
  }
})

t.test('machines join while the active server is killed again and again', async (t) => {
  const seed = Date.now() % 100_000
  t.comment(`seed ${seed}`)
  const random = seededFor(seed, 7)
  let done = false
  const crew = runCrew(bed, servers, { seed, machines: 20, lanes: 6, seconds: 150 }).finally(() => (done = true))
  let kills = 0
  for (; kills < 3 && !done; kills += 1) {
    await sleep(random.integer(2000, 6000))
    const active = await servers.untilActive()
    await active.signal('SIGKILL')
    const begun = performance.now()
    const next = await servers.untilActive(active)
    t.comment(
      `${active.name} was killed, ${next.name} is active after ${((performance.now() - begun) / 1000).toFixed(1)} s`
    )
    await active.start()
  }
  const saw = await crew
  t.comment(`${saw.machines} machines, ${saw.exchanges.length} requests, ${kills} kills`)
  t.ok(saw.enrolments.length > 10)
  const swept = () => judgeCrew(bed, servers, saw, tokens)
  t.same(await waitFor('the sweeps', swept, (broken) => broken.length === 0, 2 * minutes).catch(swept), [])
})
