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
const program = resolve(import.meta.dirname, '../contract/cluster-real.ts')
const files = ['/etc/kubernetes/admin.conf', '/var/lib/joinery-server/kubeconfig']
const { code, stdout, stderr } = await bed.exec([process.execPath, program, ...files])
t.comment(stdout)
t.equal(code, 0, `the contract holds on the real cluster\n${stderr}`)
