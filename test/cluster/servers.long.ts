import t from 'tap'
import { openBed } from './bed/bed.ts'
import { killedAgain, raced } from './servers/ordeals.ts'
import { threeServers } from './servers/three-servers.ts'
import { watchTokens } from './token-watch.ts'

t.setTimeout(0)

/** What `servers.cluster.ts` does a few times, done often: 30 kills while 60 machines join, 50 races for one code. About twenty minutes. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)
const tokens = await watchTokens(bed)
const servers = await threeServers(bed)
for (const server of servers.all) await server.start()

t.test('sixty machines join while the active server is killed thirty times', async (t) => {
  const seed = Date.now() % 100_000
  for (let round = 0; round < 3; round += 1) {
    const order = { seed: seed + round, machines: 20, lanes: 4, seconds: 240, kills: 10 }
    await killedAgain(t, { bed, servers, tokens }, order)
  }
})

t.test('of a hundred machines with one code, over three servers, one gets in, fifty times', async (t) => {
  await raced(t, { bed, servers }, await servers.untilActive(), 50)
})

t.test('a store is not moved or adopted while a server of another host is active', async (t) => {
  const active = await servers.untilActive()
  const other = servers.all.find((server) => server !== active)
  if (other === undefined) throw new Error('there are three servers')
  await other.signal('SIGTERM')
  for (const words of [
    ['adopt', '--cluster'],
    ['move', '--to', 'file']
  ]) {
    const { code, stderr } = await other.program('store', ...words)
    t.not(code, 0)
    t.match(stderr, `${active.url} is active`, words.join(' '))
  }
})
