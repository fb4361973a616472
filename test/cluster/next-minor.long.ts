import { readFile } from 'node:fs/promises'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, installProduct, minutes } from './product.ts'

t.setTimeout(0)

/**
 * Workers that kubeadm of the coming minor joins to the present one, with a token and with a certificate. Its kubelet and its API server
 * cannot be built yet: Go's module proxy lacks some of what they import.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const kubeadm = await readFile(await bed.program('1.38', 'kubeadm'))
const { joinery, show, reaches } = await installProduct(bed)
const template = await bed.templateWith(agentPackage)

for (const [number, credential] of [
  [1, 'token'],
  [2, 'certificate']
] as const) {
  t.test(`kubeadm of the coming minor joins a worker with a ${credential}`, async (t) => {
    const name = `by-${credential}`
    const machine = bed.machine(name, number, { template })
    const options = ['--credential', credential, '--ignore-preflight', 'version-skew', '--cloud-init']
    await machine.boot(await joinery('code', 'create', '--name', name, ...options))
    await reaches(name, 'pending', 20 * minutes)
    const place =
      'cat > /usr/bin/kubeadm.next && chmod 755 /usr/bin/kubeadm.next && mv /usr/bin/kubeadm.next /usr/bin/kubeadm'
    t.equal((await machine.ssh(place, kubeadm)).code, 0)
    await machine.ssh('systemctl restart joinery-agent')
    const found = await waitFor(
      `${name} to say which kubeadm it has`,
      async () => (await show(name)).preflight.find((check) => check.name === 'version-skew'),
      (check) => check?.finding.includes('v1.38') === true,
      15 * minutes
    )
    t.match(
      found,
      { verdict: 'warn', finding: /newer than the cluster.*kubeadm v1\.38\.0/ },
      'no failure, since the code says to ignore it'
    )
    await joinery('approve', name, '--yes')
    t.match(await reaches(name, 'joined', 20 * minutes), { attempts: { length: 1 } }, 'at the first try')
    t.match((await machine.ssh('kubeadm version -o short')).stdout, /^v1\.38\.0/)
    await placeNetworkPlugin(machine, number)
    t.match(await reaches(name, 'ready', 15 * minutes), { confirmed: true, node: { condition: 'Ready' } })
    t.notOk((await show(name)).timeline.some(({ alert }) => alert))
    await machine.powerCut()
  })
}
