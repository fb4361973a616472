import { readFile, writeFile } from 'node:fs/promises'
import type { State } from '@joinery/protocol'
import t from 'tap'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { minutes } from './product.ts'
import { deskOf } from './servers/desk.ts'
import { openServers } from './servers/open-servers.ts'
import { killedAgain, momentsOf, raced } from './servers/ordeals.ts'
import type { OneServer } from './servers/three-servers.ts'

t.setTimeout(0)

/**
 * What `servers.cluster.ts` does a few times, done often: 30 kills while 60 machines join. Then 50 races for one code, a server that is stopped
 * or cut off, and what people do to a store. About twenty minutes.
 */
const world = await openServers(t)
const { bed, servers, tokens } = world
const { must, newCode, names, logOf, standsBy, written, adopt } = deskOf(world)

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
    const order = { seed: seed + round, machines: 20, lanes: 4, seconds: 240 }
    t.ok((await killedAgain(t, world, order, momentsOf(order.seed, 10))) > 0)
  }
})

t.test('of a hundred machines with one code, over three servers, one gets in, fifty times', async (t) => {
  await raced(t, world, await servers.untilActive(), 50)
})

t.test('a server that was stopped beyond its Lease gives nothing when it comes back, and ends', async (t) => {
  const active = await servers.untilActive()
  await active.signal('SIGSTOP')
  const next = await servers.untilActive(active)
  const { id } = await newCode(next, 'meanwhile')
  await active.signal('SIGCONT')
  await active.ended()
  t.match(await logOf(active), /this server is not the active one any more, it ends/)
  await active.start()
  await standsBy(active, next)
  t.match(await must(next, 'code', 'show', id), /meanwhile/)
})

t.test('a server that is cut off from the API server gives its place away, and comes back', async (t) => {
  const active = await servers.untilActive()
  await active.cutOff()
  const next = await servers.untilActive(active)
  await active.ended()
  t.match(await logOf(active), /the Lease could not be renewed/)
  await active.letBack()
  await active.start()
  await standsBy(active, next)
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

t.test(
  'a document that somebody deleted stops the next take-over, and is written again from a host that has it',
  async (t) => {
    const active = await servers.untilActive()
    await newCode(active, 'kept')
    await written(active)
    for (const server of servers.all) if (server.isUp() && server !== active) await server.signal('SIGTERM')
    await active.signal('SIGTERM')
    const list = await bed.kubectl('-n', 'joinery-system', 'get', 'logdocuments', '-o', 'name')
    const [document = ''] = list.split('\n').filter((name) => name.includes('/subject.'))
    await bed.kubectl('-n', 'joinery-system', 'annotate', document, 'joinery.dev/allow-deletion=true')
    await bed.kubectl('-n', 'joinery-system', 'delete', document)
    const refused = await active.program('run')
    t.not(refused.code, 0)
    t.match(refused.stderr, document.split('/')[1] ?? 'no name', 'it names the document')
    t.match(refused.stderr, /store adopt --local/)
    await adopt(t, active, '--local')
    await active.start()
    t.ok((await names(await servers.untilActive())).includes('kept'))
  }
)

t.test('a store moves into a file, and back', async (t) => {
  const server = await servers.untilActive()
  const before = await names(server)
  await server.signal('SIGTERM')
  const move = async (to: string): Promise<void> => {
    const { code, stderr } = await server.program('store', 'move', '--to', to)
    t.equal(code, 0, stderr)
  }
  const setStore = async (store: string): Promise<void> => {
    const file = bed.hostPath(server.config)
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^store: .*$/m, `store: ${store}`))
  }
  await move('file')
  t.match((await server.program('run')).stderr, /store move --to cluster/, 'with the old setting it does not run')
  await setStore('file')
  await server.start()
  t.same(await names(server), before)
  await newCode(server, 'in-the-file')
  await server.signal('SIGTERM')
  await move('cluster')
  t.match((await server.program('run')).stderr, /set store: cluster/, 'with the old setting it does not run')
  await setStore('cluster')
  await server.start()
  await servers.untilActive()
  t.ok((await names(server)).includes('in-the-file'))
})
