import { readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { waitFor } from './bed/wait-for.ts'
import { processInBed } from './process-in-bed.ts'
import { minutes } from './product.ts'
import { restoreEtcd } from './restore-etcd.ts'
import { deskOf } from './servers/desk.ts'
import { openServers } from './servers/open-servers.ts'
import { killedAgain, raced } from './servers/ordeals.ts'
import type { OneServer } from './servers/three-servers.ts'

t.setTimeout(0)

/**
 * Three pairing servers of one installation on one real API server and its etcd. The machines are their protocol alone, and each has a
 * kubelet that asks for its certificate and registers its Node. `servers.long.ts` kills more often.
 */
const world = await openServers(t)
const { bed, servers } = world

const { must, newCode, names, logOf, startOnly, standsBy, status, written, adopt } = deskOf(world)

t.test('one of three is active, and the others name it', async (t) => {
  const active = await servers.untilActive()
  for (const server of servers.all) {
    if (server !== active) await standsBy(server, active)
    // its exit status is 1 for as long as the last look at the Lease has failed
    const status = () => must(server, 'status')
    t.match(await waitFor(`the status of ${server.name}`, status, Boolean, minutes), active.url, server.name)
  }
})

t.test('machines join while the active server is killed again and again', (t) =>
  killedAgain(t, world, { seed: Date.now() % 100_000, machines: 20, lanes: 16, seconds: 90, kills: 3 })
)

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

t.test('of a hundred machines with one code, over three servers, one gets in', async (t) => {
  const active = await servers.untilActive()
  await raced(t, world, active, 3)
})

t.test('an etcd that was put back under them stops all servers, until somebody says what is right', async (t) => {
  const etcd = restoreEtcd(bed)
  const [first, second] = servers.all as [OneServer, OneServer]
  const active = await startOnly(first, second)
  const other = active === first ? second : first
  await newCode(active, 'before')
  await written(active)
  await etcd.copy()
  await newCode(active, 'after')
  const { number } = await written(active)
  const seen = async () => JSON.parse(await readFile(bed.hostPath(`${other.state}/head-seen`), 'utf8')).logs[0].number
  await waitFor(`${other.name} to see the new end`, seen, (seen) => seen >= number, minutes)
  await etcd.putBack()
  // as Kubernetes asks for after a restore: its cache would still have what etcd has no more
  process.kill(await processInBed(bed, 'kube-apiserver'), 'SIGKILL')
  // the active one finds out by its Lease, which was put back as well; and the other one may not take over
  for (const server of [active, other]) {
    await server.ended()
    const refused = await server.program('run')
    t.not(refused.code, 0, server.name)
    t.match(refused.stderr, /the cluster (has )?only batch/, server.name)
    t.match(refused.stderr, /store adopt --cluster/, server.name)
  }
  for (const server of [other, active]) await adopt(t, server, '--cluster')
  await other.start()
  const now = await servers.untilActive()
  const found = await names(now)
  t.ok(found.includes('before'))
  t.notOk(found.includes('after'), 'what etcd does not know any more is gone')
  const settled = async () => (await status(now)).alerts.last.filter(({ event }) => event === 'restore').length
  t.equal(await settled(), 1, 'codes and approvals are asked again, once for both hosts')
  await active.start()
  await standsBy(active, other)
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
