import { X509Certificate } from 'node:crypto'
import { clusterInfoBinding } from '@joinery/kube/doctor'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import type { Machine } from './bed/machine.ts'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { installProduct, minutes } from './product.ts'
import { search } from './search.ts'
import { watchTokens } from './token-watch.ts'

t.setTimeout(0)

/** Two machines without an agent join by what an operator pipes there: while cluster-info is public, and after it is private. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const product = await installProduct(bed)
const tokens = await watchTokens(bed)
const { joinery, reaches } = product

const machines = [bed.machine('plain-1', 1), bed.machine('plain-2', 2)] as const
for (const machine of machines) await machine.boot()

/** What kubeadm asks of a machine, and an agent would have mended. */
const prepare = async (machine: Machine): Promise<void> => {
  await machine.waitFor('cloud-init to end', 'cloud-init status --wait', 20 * minutes)
  const sysctls = 'net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1'
  await machine.waitFor('what kubeadm needs', `modprobe br_netfilter && sysctl -w ${sysctls}`, minutes)
}

const secretOf = (command: string): string => /\b[a-z0-9]{6}\.([a-z0-9]{16})\b/.exec(command)?.[1] ?? 'no token'

const cases = [
  {
    machine: machines[0],
    number: 1,
    discovery: 'by the public cluster-info',
    form: /^kubeadm join 172\.30\.0\.1:6443 --token /
  },
  { machine: machines[1], number: 2, discovery: 'by a file', form: /^ {2}kubeadm join --discovery-file "\$file" /m }
] as const

for (const { machine, number, discovery, form } of cases) {
  const { name } = machine
  let secret = ''

  t.test(`${name} joins ${discovery}, by the text that is piped into its shell`, async (t) => {
    if (number === 2) await bed.kubectl('--namespace', 'kube-public', 'delete', 'rolebinding', clusterInfoBinding)
    await prepare(machine)
    const command = await waitFor(
      `a command that discovers ${discovery}`,
      async () => {
        const made = await product.tryJoinery('join-command', '--name', name, '--ttl', '30m')
        if (form.test(made.stdout)) return made.stdout
        // the API server may still read the binding that was deleted
        await joinery('reject', name, '--reason', 'another form', '--yes').catch(() => undefined)
        return ''
      },
      Boolean,
      minutes
    )
    secret = secretOf(command)
    const { code, stdout, stderr } = await machine.ssh('sh', command)
    t.equal(code, 0, `${stdout}\n${stderr}`)
    const joined = await reaches(name, 'joined', 10 * minutes)
    t.match(joined, { withoutAgent: true, message: 'joined, waiting for the network plugin' })
    await waitFor('the token to go', tokens.left, ({ length }) => length === 0, minutes)
  })

  t.test(`${name} is ready with its Node, without an alert, and keeps no secret`, async (t) => {
    await placeNetworkPlugin(machine, number)
    const ready = await reaches(name, 'ready', 15 * minutes)
    t.match(ready, { confirmed: false, message: 'ready, without an agent', node: { condition: 'Ready' } })
    t.notOk(ready.timeline.some(({ alert }) => alert))
    const pem = (await machine.ssh('cat /var/lib/kubelet/pki/kubelet-client-current.pem')).stdout
    t.equal(ready.attempts[0]?.certificateSerial, new X509Certificate(pem).serialNumber)
    const files = '/run/joinery-* /etc/kubernetes/bootstrap-kubelet.conf'
    t.equal((await machine.ssh(`ls ${files} 2>/dev/null`)).stdout, '')
    t.equal(secret.length, 16)
    t.equal((await machine.ssh(search([secret]))).stdout, '')
  })
}
