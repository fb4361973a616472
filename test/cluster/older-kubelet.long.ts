import { readFile } from 'node:fs/promises'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { brokenUserData } from './broken-user-data.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { installProduct, minutes } from './product.ts'

t.setTimeout(0)

/** A worker whose kubelet is two minor versions older than the cluster, as version skew allows it. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const kubelet = await bed.program('1.35', 'kubelet')
const { joinery, reaches } = await installProduct(bed)

t.test('a kubelet that is two minor versions older joins, and its Node is Ready', async (t) => {
  const machine = bed.machine('older', 1)
  const userData = await joinery('code', 'create', '--name', 'older', '--cloud-init')
  // newer than the cluster, so that the machine waits for the older one
  const script = `mv /usr/bin/kubelet /usr/bin/kubelet.real
    printf '%s\\n' '#!/bin/sh' 'echo Kubernetes v1.99.0' > /usr/bin/kubelet && chmod 755 /usr/bin/kubelet`
  await machine.boot(brokenUserData(userData, script))
  await reaches('older', 'pending', 20 * minutes)
  const place =
    'cat > /usr/bin/kubelet.older && chmod 755 /usr/bin/kubelet.older && mv /usr/bin/kubelet.older /usr/bin/kubelet'
  t.equal((await machine.ssh(place, await readFile(kubelet))).code, 0)
  await joinery('approve', 'older', '--yes')
  await reaches('older', 'joined', 20 * minutes)
  await placeNetworkPlugin(machine, 1)
  t.match(await reaches('older', 'ready', 15 * minutes), { confirmed: true, node: { condition: 'Ready' } })
  t.match(await bed.kubectl('get', 'node', 'older', '-o', 'jsonpath={.status.nodeInfo.kubeletVersion}'), /^v1\.35\./)
})
