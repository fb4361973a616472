import type { Test } from 'tap'
import { waitFor } from '../../bed/wait-for.ts'
import { processInBed } from '../../process-in-bed.ts'
import { minutes } from '../../product.ts'
import { restoreEtcd } from '../../restore-etcd.ts'
import { type Around, bothWays } from './around.ts'

/** An etcd that is put back while no server runs. Each way on is tried. */
export const etcdPutBack = async (t: Test, around: Around): Promise<void> => {
  const { bed, desk, first, second } = around
  const etcd = restoreEtcd(bed)
  const restore = async (): Promise<void> => {
    await etcd.putBack()
    // as Kubernetes asks for after a restore
    process.kill(await processInBed(bed, 'kube-apiserver'), 'SIGKILL')
    const look = () => bed.kubectl('get', '--raw', '/readyz')
    await waitFor('the API server to be back', look, (said) => said.trim() === 'ok', 2 * minutes)
  }
  await desk.startOnly(first)
  await desk.newCode(first, 'in-the-snapshot')
  await desk.written(first)
  await desk.stopAll()
  await etcd.copy()

  await desk.startOnly(first)
  await desk.newCode(first, 'since-the-snapshot')
  await desk.written(first)
  await desk.stopAll()
  await restore()
  const ahead = /the local file has batch \d+ of the log, and the cluster only batch \d+/
  const refuses = async (): Promise<void> => {
    const refused = await first.program('run')
    t.not(refused.code, 0)
    t.match(refused.stderr, ahead)
    t.match(refused.stderr, bothWays)
  }
  await refuses()
  await refuses()
  await desk.adopt(t, first, '--cluster')
  await desk.startOnly(first)
  const those = await desk.names(first)
  t.ok(those.includes('in-the-snapshot'))
  t.notOk(those.includes('since-the-snapshot'), 'of one moment with the cluster')

  await desk.newCode(first, 'since-then')
  await desk.written(first)
  const known = await desk.names(first)
  await desk.stopAll()
  await restore()
  await refuses()
  await desk.adopt(t, first, '--local')
  await desk.adopt(t, second, '--cluster')
  await first.start()
  await second.start()
  await around.servers.untilActive()
  await desk.stopAll()
  const other = await desk.startOnly(second)
  t.same(await desk.names(other), known, 'all that this host knew, also for another one')
}
