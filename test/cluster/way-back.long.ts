import t from 'tap'
import { openBed } from './bed/bed.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { installProduct, minutes } from './product.ts'
import { testCopyOfDisk } from './way-back/copy.ts'
import { testNoWayBack, testWayBack } from './way-back/journeys.ts'
import { nodeOf } from './way-back/node.ts'

t.setTimeout(0)

/** A worker that loses its kubelet's certificate comes back, without reset, and its Pods do not notice. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const product = await installProduct(bed)
const worker = bed.machine('worker-1', 1)
await worker.boot(await product.joinery('code', 'create', '--name', 'worker-1', '--cloud-init'))
await product.reaches('worker-1', 'pending', 20 * minutes)
await product.joinery('approve', 'worker-1', '--yes')
await product.reaches('worker-1', 'joined', 10 * minutes)
await placeNetworkPlugin(worker, 1)
await product.reaches('worker-1', 'ready', 15 * minutes)
await worker.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)

const node = nodeOf(product, worker)
await testCopyOfDisk(t, product, node)
await testWayBack(t, product, node)
await testNoWayBack(t, product, node)
