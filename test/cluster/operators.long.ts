import t from 'tap'
import { openBed } from './bed/bed.ts'
import { decidesByCommand } from './operators/command.ts'
import { decidesByObjects } from './operators/decisions.ts'
import { doctorsCluster } from './operators/doctor.ts'
import { noticesRestoredEtcd } from './operators/etcd.ts'
import { decidesByProgram } from './operators/program.ts'
import { restoresStore } from './operators/restored.ts'
import { resistsThieves } from './operators/stolen.ts'
import { installProduct } from './product.ts'

t.setTimeout(0)

/**
 * What operators do to a real cluster, and by it: from the doctor to a store and an etcd that are put back. Machines are their calls
 * alone. The API server answers nobody without a credential, so this cluster is at its strictest once it is hardened.
 */
const bed = await openBed({ apiServer: { 'anonymous-auth': 'false' } })
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)
const product = await installProduct(bed)

t.test('the doctor', async (t) => {
  // what it finds is what it was made to find: nobody else may be at work
  await product.kill()
  await doctorsCluster(t, product)
})
t.test('Decisions as objects', async (t) => {
  await product.start()
  await decidesByObjects(t, product)
})
t.test('the command', (t) => decidesByCommand(t, product))
t.test('programs', (t) => decidesByProgram(t, product))
t.test('thieves', (t) => resistsThieves(t, product))
t.test('a store of before', (t) => restoresStore(t, product))
t.test('an etcd of before', async (t) => {
  await product.kill()
  await noticesRestoredEtcd(t, bed)
})
