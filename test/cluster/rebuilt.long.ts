import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { openBed } from './bed/bed.ts'
import type { Machine } from './bed/machine.ts'
import { waitFor } from './bed/wait-for.ts'
import { brokenUserData } from './broken-user-data.ts'
import { addToKubeadmConfig } from './kubeadm-config.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, installProduct, minutes, reconfigure, root } from './product.ts'
import { byName, fails, follow, hasRuntime, walled, withoutRuntime, withSwap } from './trouble.ts'
import { userKubeconfig } from './user-kubeconfig.ts'

t.setTimeout(0)

/**
 * A worker whose kubelet serves by a certificate of the cluster, and runs beside swap as the cluster allows it, is built anew, and
 * takes the place of its Node. The first one has a firewall, and the other one a container runtime that the agent mends.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const product = await installProduct(bed)
await reconfigure(product, 'servingCertificates: approve')
const kubelets = { serverTLSBootstrap: true, failSwapOn: false, memorySwap: { swapBehavior: 'LimitedSwap' } }
await addToKubeadmConfig(bed, ['kubelet-config', 'kubelet'], kubelets)
const { joinery, show, reaches, surveyed } = product

const name = 'worker-1'
// how the package is installed is the part of other suites
const template = await bed.templateWith(agentPackage)
const [former, rebuilt] = [bed.machine('former', 1, { template }), bed.machine('rebuilt', 2, { template })]

// the other one is invited from a laptop: by the objects of the cluster, and the pin that its operator named
const lara = await userKubeconfig(bed, 'lara', 'joinery-admin')
const statement = () => bed.kubectl('get', 'installations', '-o', 'jsonpath={.items[*].status.statement}')
await waitFor('the cluster to show what the server signed', statement, Boolean, minutes)
const laptop = ['--kubeconfig', lara, '--pin', product.pin]

/** Boots it broken so, with a code for the name; gives the id of its enrolment once it waits for its approval alone. */
const bootPending = async (machine: Machine, script: string, ...options: string[]): Promise<string> => {
  const userData = await joinery('code', 'create', '--name', name, '--cloud-init', ...options)
  await machine.boot(brokenUserData(userData, script))
  const own = await waitFor(
    `${machine.name} to wait`,
    async () => (await product.list()).find(({ address, state }) => address === machine.address && state === 'pending'),
    (found) => found !== undefined,
    20 * minutes
  )
  return (await surveyed(own?.id ?? '')).id
}

const becomesReady = async (t: Test, id: string, machine: Machine, number: number) => {
  await reaches(id, 'joined', 10 * minutes)
  await placeNetworkPlugin(machine, number)
  const ready = await reaches(id, 'ready', 15 * minutes)
  t.match(ready, { name, confirmed: true, node: { condition: 'Ready' } })
  t.notOk(ready.timeline.some(({ alert }) => alert))
}

/** The exit status of curl, which trusts the cluster's CA alone, for a kubelet's port at this address under this name. */
const served = async (host: string, address: string): Promise<number> => {
  const curl = [
    'curl',
    '--silent',
    '--max-time',
    '20',
    '--cacert',
    '/etc/kubernetes/pki/ca.crt',
    '--output',
    '/dev/null'
  ]
  const { code } = await bed.exec([...curl, '--resolve', `${host}:10250:${address}`, `https://${host}:10250/healthz`])
  return code
}
const servesByName = (address: string) =>
  waitFor(
    'its kubelet to serve by a certificate for its name',
    () => served(name, address),
    (code) => code === 0,
    5 * minutes
  )
const wrongPeer = 60

const uidOf = () => bed.kubectl('get', 'node', name, '-o', 'jsonpath={.metadata.uid}')
let first = ''
let firstUid = ''

t.test('a machine with a firewall shows the rule that is missing, and needs nothing else', async (t) => {
  first = await bootPending(former, withSwap + walled)
  const { firewall, reachability } = byName(await fails(product, first, 'firewall', 'reachability'))
  t.match(firewall, {
    finding: /10250 is blocked by nftables/,
    remedy: [/^nft insert rule inet site input .*10250/]
  })
  t.match(reachability, { finding: /10250/ })
  await follow(t, former, firewall)
  await fails(product, first)
})

t.test('the kubelet gets a serving certificate only for its name and its address', async (t) => {
  await joinery('approve', first, '--yes')
  await becomesReady(t, first, former, 1)
  await servesByName(former.address)
  t.equal(await served(former.address, former.address), 0)
  t.equal(await served('worker-2', former.address), wrongPeer)
  const reasons = 'jsonpath={range .items[*]}{.spec.username} {.status.conditions[*].reason}{"\\n"}{end}'
  const serving = ['get', 'csr', '--field-selector', 'spec.signerName=kubernetes.io/kubelet-serving', '-o', reasons]
  t.match(await bed.kubectl(...serving), `system:node:${name} JoineryApproved\n`)
  t.match(await joinery('show', first), /approved/)
  firstUid = await uidOf()
})

t.test('the swap that the cluster allows is still on, in fstab, and known to the kubelet', async (t) => {
  t.match((await former.ssh('cat /proc/swaps')).stdout, /^\/swapfile /m)
  t.match((await former.ssh('cat /etc/fstab')).stdout, /^\/swapfile none swap/m)
  t.match((await former.ssh('cat /var/lib/kubelet/config.yaml')).stdout, /^failSwapOn: false$/m)
  const { preflight } = await show(first)
  t.match(
    preflight.find((check) => check.name === 'swap'),
    { verdict: 'pass', finding: /swap is on: \/swapfile; .*failSwapOn: false/ }
  )
})

t.test('the rebuilt machine waits, and an approval without --replace is refused with a remedy', async (t) => {
  await bed.kubectl('label', 'node', name, 'example.org/zone=z1')
  await bed.kubectl('taint', 'node', name, 'dedicated=edge:NoSchedule')
  await former.powerCut()
  const second = await bootPending(rebuilt, withSwap + withoutRuntime, '--remediate', 'runtime', ...laptop)
  const { code, stderr } = await product.tryJoinery('approve', second, '--yes')
  t.not(code, 0)
  t.match(stderr, /remedy: .*--replace/)
  t.equal(await uidOf(), firstUid, 'nothing has happened to its Node')
})

const [preflight = '', fix = '', watch = ''] = readmeCommands(await readFile(join(root, 'README.md'), 'utf8'), 'agent')

t.test('its container runtime is mended, and it passes what the README has people run on it', async (t) => {
  const [second] = (await product.list()).filter(({ state }) => state === 'pending')
  await fails(product, second?.id ?? '')
  await hasRuntime(t, rebuilt)
  for (const command of [preflight, fix]) {
    const { code, stdout } = await rebuilt.ssh(command)
    t.equal(code, 0, command, { stdout })
  }
})

t.test('a machine that is approved in place of a Node has its name, labels and taints', async (t) => {
  const [second] = (await product.list()).filter(({ state }) => state === 'pending')
  const watched = rebuilt.ssh(watch)
  t.match(await product.tryJoinery('approve', name, '--replace', '--no-drain', '--yes'), { code: 0 })
  t.equal((await show(first)).state, 'removed')
  await becomesReady(t, second?.id ?? '', rebuilt, 2)
  // a watch shows the stages that it sees: kubeadm may be through with one between two looks
  t.match(await watched, { code: 0, stdout: /^joining: \d\/8 [\s\S]*Ready/m }, 'who watched saw how far it came')
  t.not(await uidOf(), firstUid)
  const { metadata, spec } = JSON.parse(await bed.kubectl('get', 'node', name, '-o', 'json'))
  t.match(metadata.labels, { 'example.org/zone': 'z1', 'kubernetes.io/hostname': name })
  const taints: { key: string }[] = spec.taints
  t.match(
    taints.find(({ key }) => key === 'dedicated'),
    { value: 'edge', effect: 'NoSchedule' }
  )
})

t.test('the new machine serves by a certificate of its own', async (t) => {
  await servesByName(rebuilt.address)
  t.equal(await served(rebuilt.address, rebuilt.address), 0)
})
