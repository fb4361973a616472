import { readFile } from 'node:fs/promises'
import t from 'tap'
import { waitFor } from './bed/wait-for.ts'
import { processInBed } from './process-in-bed.ts'
import { minutes } from './product.ts'
import { restoreEtcd } from './restore-etcd.ts'
import { deskOf } from './servers/desk.ts'
import { openServers } from './servers/open-servers.ts'
import { chosenMoments, killedAgain } from './servers/ordeals.ts'
import type { OneServer } from './servers/three-servers.ts'

t.setTimeout(0)

/**
 * Three pairing servers of one installation on one real API server and its etcd. The machines are their protocol alone, and each has a
 * kubelet that asks for its certificate and registers its Node. `servers.long.ts` kills more often, by chance, and does the rest.
 */
const world = await openServers(t)
const { bed, servers } = world

const { must, newCode, names, startOnly, standsBy, status, written, adopt } = deskOf(world)

t.test('one of three is active, and the others name it', async (t) => {
  const active = await servers.untilActive()
  for (const server of servers.all) {
    if (server !== active) await standsBy(server, active)
    // its exit status is 1 for as long as the last look at the Lease has failed
    const status = () => must(server, 'status')
    t.match(await waitFor(`the status of ${server.name}`, status, Boolean, minutes), active.url, server.name)
  }
})

t.test('machines join while the active server is killed at three moments', async (t) => {
  // chance chooses in the other suite: here the machines do the same each time
  const order = { seed: 60, machines: 12, lanes: 12, seconds: 60 }
  t.equal(await killedAgain(t, world, order, chosenMoments), chosenMoments.length)
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
