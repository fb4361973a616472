import type { Test } from 'tap'
import { deskOf } from './desk.ts'
import type { World } from './open-servers.ts'
import { smallFolder } from './small-folder.ts'
import type { OneServer } from './three-servers.ts'

/**
 * The disk of the active server is full at the COMMIT after the head: the head has a batch, and the file cannot take it. The server ends
 * without an answer, and another one has the batch. So has the same host with room again, and a new host.
 */
export const fullDisk = async (t: Test, world: World): Promise<void> => {
  const { bed, servers } = world
  const desk = deskOf(world)
  const names = async (server: OneServer): Promise<string[]> =>
    (await desk.names(server)).filter((name) => name.startsWith('full-disk-')).sort()
  const [server, other] = servers.all as [OneServer, OneServer]
  if (server.isUp()) await server.signal('SIGTERM')
  const disk = await smallFolder(bed, server)
  const endOf = (text: string) => /could not follow the log of the cluster, this server ends: .*/.exec(text)?.[0]
  const acknowledged = ['full-disk-000']
  const unknown: string[] = []
  await desk.only(server)
  // the first code has the agent's package copied into the folder
  t.equal((await server.joinery('code', 'create', '--name', 'full-disk-000')).code, 0)
  await disk.fill(192 * 1024)
  for (let made = 1; made < 200 && endOf(await desk.logOf(server)) === undefined; made += 1) {
    // on a host that is too busy it may end before, because it could not renew its Lease
    if (!server.isUp()) await desk.only(server)
    const name = `full-disk-${String(made).padStart(3, '0')}`
    const { code } = await server.joinery('code', 'create', '--name', name)
    if (code === 0) acknowledged.push(name)
    else unknown.push(name)
  }
  await server.ended()
  const end = endOf(await desk.logOf(server))
  t.match(end, /the disk is full/)
  t.comment(`${acknowledged.length} codes were acknowledged, and ${unknown} not; ${end}`)
  await other.start()
  await servers.untilActive(server)
  const all = await names(other)
  // what got no answer may be what the head had taken
  const sure = all.filter((name) => !unknown.includes(name))
  t.same(sure, acknowledged, 'the other one has what was acknowledged, once')

  await other.signal('SIGTERM')
  await disk.makeRoom()
  await desk.only(server)
  t.same(await names(server), all, 'with room again the first one has them, too')

  await server.signal('SIGTERM')
  await disk.lose()
  await servers.setUp(server)
  await desk.only(server)
  t.same(await names(server), all, 'and so has a new host, which began with the keys file')
}
