import { shortFingerprint } from '@joinery/protocol'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { installProduct, minutes } from './product.ts'
import { testComesBack } from './way-back/journeys.ts'
import { nodeOf } from './way-back/node.ts'

t.setTimeout(0)

/** The second control plane of a cluster loses its kubelet's certificate. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const product = await installProduct(bed)
const { joinery, reaches } = product
const machine = bed.machine('cp-2', 2, { controlPlane: true })
t.teardown(async () => {
  if (!t.passing()) await machine.keepJournal()
})
await machine.boot(await joinery('code', 'create', '--name', 'cp-2', '--role', 'control-plane', '--cloud-init'))
await reaches('cp-2', 'pending', 20 * minutes)
// the key to which root seals the keys of the cluster comes a moment later, as evidence
await waitFor(
  'its seal key',
  () => product.show('cp-2'),
  ({ sealKey }) => sealKey !== undefined,
  5 * minutes
)
const { key } = JSON.parse((await machine.ssh('joinery-agent status -o json')).stdout)
await joinery('approve', 'cp-2', '--key', shortFingerprint(key))
await joinery('grant', 'cp-2', '--key', shortFingerprint(key))
await reaches('cp-2', 'joined', 30 * minutes)
await placeNetworkPlugin(machine, 2)
await reaches('cp-2', 'ready', 20 * minutes)
await machine.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)
const node = nodeOf(product, machine)

// its kubelet asks its own API server, which goes on while the kubelet cannot start
await testComesBack(t, product, node)

await t.test(
  'a reboot without the certificate takes API server and etcd with it, and root brings them back',
  async (t) => {
    const before = await node.serial()
    // the power is cut a moment later, and a deletion that is not on the disk would be taken back
    await node.shell('rm /var/lib/kubelet/pki/kubelet-client-current.pem && sync')
    await machine.powerCut()
    await machine.boot()
    await machine.waitFor('the machine to be up', 'true', 10 * minutes)
    await machine.waitFor(
      'the kubelet to end',
      "journalctl --boot --unit kubelet --output cat --no-pager | grep -q 'no such file or directory'",
      5 * minutes
    )
    t.not(
      (await bed.exec(['kubectl', 'get', '--raw', '/readyz', '--request-timeout=5s'])).code,
      0,
      'etcd has no quorum'
    )
    const recovered = await machine.ssh('joinery-agent recover --as-root --yes')
    t.comment(recovered.stdout, recovered.stderr)
    t.equal(recovered.code, 0)
    await node.becomes('True')
    t.not(await node.serial(), before)
    t.equal(await bed.kubectl('get', '--raw', '/readyz'), 'ok')
    t.equal((await machine.ssh('ls /etc/kubernetes/bootstrap-kubelet.conf')).code, 2, 'no credential is left')
  }
)
