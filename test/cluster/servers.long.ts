import type { State } from '@joinery/protocol'
import t from 'tap'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { minutes } from './product.ts'
import { openServers } from './servers/open-servers.ts'
import { killedAgain, raced } from './servers/ordeals.ts'
import type { OneServer } from './servers/three-servers.ts'

t.setTimeout(0)

/** What `servers.cluster.ts` does a few times, done often: 30 kills while 60 machines join, 50 races for one code. About twenty minutes. */
const world = await openServers(t)
const { bed, servers, tokens } = world

t.test('a real machine joins, though the active server is killed while it waits and while it joins', async (t) => {
  const reaches = (state: State) =>
    waitFor(
      `worker-1 to be ${state}`,
      async () => {
        const active = await servers.untilActive()
        return active.ask((operator) => operator.show('worker-1'))
      },
      (seen) => seen.state === state,
      20 * minutes
    )
  const kill = async (): Promise<OneServer> => {
    const active = await servers.untilActive()
    await active.signal('SIGKILL')
    const next = await servers.untilActive(active)
    await active.start()
    return next
  }
  const first = await servers.untilActive()
  const machine = bed.machine('worker-1', 1)
  await machine.boot((await first.joinery('code', 'create', '--name', 'worker-1', '--cloud-init')).stdout)
  await reaches('pending')
  const second = await kill()
  const approved = await second.joinery('approve', 'worker-1', '--yes')
  t.equal(approved.code, 0, approved.stderr)
  await reaches('joining')
  await kill()
  await reaches('joined')
  await kill()
  await placeNetworkPlugin(machine, 1)
  const { confirmed, attempts } = await reaches('ready')
  t.equal(confirmed, true)
  t.equal(attempts.length, 1, 'by one attempt')
  t.same(await tokens.left(), [])
  await machine.powerCut()
})

t.test('sixty machines join while the active server is killed thirty times', async (t) => {
  const seed = Date.now() % 100_000
  for (let round = 0; round < 3; round += 1) {
    const order = { seed: seed + round, machines: 20, lanes: 4, seconds: 240, kills: 10 }
    await killedAgain(t, world, order)
  }
})

t.test('of a hundred machines with one code, over three servers, one gets in, fifty times', async (t) => {
  await raced(t, world, await servers.untilActive(), 50)
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
