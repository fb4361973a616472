import { resolve } from 'node:path'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { installProduct } from './product.ts'

t.setTimeout(0)

/** The contract of the Cluster port on a real API server, with the least-privilege credential that `setup` made. */
const bed = await openBed()
t.teardown(() => bed.close())
const product = await installProduct(bed)
// the suite makes the cluster unsafe for a moment, and counts tokens: nobody else may be at work
await product.kill()

t.test('a set-up that is done again changes nothing in the cluster', async (t) => {
  const lines = (await product.setup()).split('\n').filter((line) => /^\w+(\.[\w.]+)?\/joinery/.test(line))
  t.ok(lines.length > 10, `${lines.length} objects`)
  for (const line of lines) t.match(line, / unchanged$/)
})

const program = resolve(import.meta.dirname, '../contract/cluster-real.ts')
const files = ['/etc/kubernetes/admin.conf', '/var/lib/joinery-server/kubeconfig']
t.test('the contract of the Cluster port holds on a real API server', async (t) => {
  const { code, stdout, stderr } = await bed.exec([process.execPath, program, ...files])
  t.comment(stdout)
  t.equal(code, 0, stderr)
})
