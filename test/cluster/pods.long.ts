import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { applyAddons, flannelManifest, forwardNothing } from './pods/addons.ts'
import { podImages } from './pods/images.ts'
import { curl, podsOf } from './pods/pods.ts'
import { agentPackage, installProduct, joineryProgram, minutes, reconfigure, root } from './product.ts'
import { restartControllerManager } from './why/controller-manager.ts'
import { testFault } from './why/fault.ts'
import { watchReady } from './why/ready-watch.ts'
import { workerOf } from './why/worker.ts'

t.setTimeout(0)

/**
 * Two machines from their first boot to Pods that talk, by the page of the whole way: with kube-proxy, CoreDNS and Flannel themselves. What
 * goes wrong on the way is what these programs themselves say.
 */
const bed = await openBed({ images: podImages })
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
await applyAddons(bed)
const product = await installProduct(bed)
await reconfigure(product, 'diagnosis: on')
const { reaches, show, tryJoinery } = product
const template = await bed.templateWith(agentPackage)
const ready = await watchReady(bed)
const page = await readFile(join(root, 'docs/how-to/whole-way.md'), 'utf8')
const flannel = join(bed.logs, 'kube-flannel.yml')

/** Types a block of the page in the bed, where `joinery` is the program of this checkout. Gives what it prints. */
const type = async (name: string, change: { of: RegExp; to: string } = { of: /$/, to: '' }): Promise<string> => {
  const block = readmeCommands(page, name).join('\n')
  if (!change.of.test(block)) throw new Error(`the block ${name} has no ${change.of}:\n${block}`)
  const joinery = `joinery() { ${joineryProgram.map((word) => `'${word}'`).join(' ')} "$@"; }`
  const script = [`cd '${bed.logs}'`, joinery, block.replace(change.of, change.to)].join('\n')
  const { code, stdout, stderr } = await bed.exec(['bash', '-e', '-o', 'pipefail', '-c', script])
  if (code !== 0) throw new Error(`${name}: exit status ${code}\n${stdout}\n${stderr}`)
  return stdout
}
const machines = [bed.machine('worker-1', 1, { template }), bed.machine('worker-2', 2, { template })] as const
const workers = machines.map((machine) => workerOf(product, machine, ready))
const [first, second] = machines
const pods = podsOf(bed)
/** Ends the wait of a kubelet that has started their containers in vain for some time. */
const deletePods = (namespace: string, node: string, ...which: string[]) =>
  bed.kubectl('--namespace', namespace, 'delete', 'pods', '--field-selector', `spec.nodeName=${node}`, ...which)

t.test('two machines that only the pairing server reaches enrol, and are let in', async (t) => {
  t.match(
    readmeCommands(page, 'control-plane'),
    [/^kubeadm init --pod-network-cidr 10\.244\.0\.0\/16$/],
    'as the bed did'
  )
  await type('codes')
  for (const { name, boot } of machines) await boot(await readFile(join(bed.logs, `${name}.yaml`), 'utf8'))
  for (const { name } of machines) await reaches(name, 'pending', 20 * minutes)
  await waitFor(
    'worker-1 to have the image of kube-proxy while it waits',
    () => first.ssh('joinery-agent status'),
    ({ stdout }) => /pulled 1 of 1 image/.test(stdout),
    10 * minutes
  )
  // what is missing in an image is missed when its first rule is laid
  await second.ssh('find /var/lib/containerd -name libxt_comment.so -exec mv {} {}.away ";"')
  t.match(await type('approve', { of: /(?<=approve worker-1 worker-2)$/m, to: ' --yes' }), /worker-2/)
})

t.test('no Node is Ready before there is a network plugin, and both sides say so', async (t) => {
  const printed = await type('not-ready', { of: /joinery why worker-1/, to: 'joinery why worker-1 || test $? = 3' })
  t.match(printed, /worker-1\s+NotReady/)
  t.match(printed, /plugin-missing/)
  const [worker] = workers
  await waitFor(
    'the machine to say what it lacks',
    () => first.ssh('joinery-agent why'),
    ({ stdout }) => /cni-missing/.test(stdout),
    4 * minutes
  )
  t.match(await worker?.clusterSays(), { ready: false, causes: [{ code: 'plugin-missing' }] })
})

t.test('with Flannel a Node is Ready, and in service once its gate holds', async (t) => {
  await bed.exec(['tee', flannel], { input: await flannelManifest() })
  const printed = await type('network-plugin', { of: /https:\S+kube-flannel\.yml/, to: flannel })
  t.match(printed, /kube-flannel-ds-\w+ +1\/1 +Running.*worker-1/)
  t.match(await reaches('worker-1', 'ready', minutes), {
    confirmed: true,
    node: { condition: 'Ready' },
    inService: String
  })
})

t.test('kube-proxy whose rules cannot be laid is named before the network plugin that it cuts off', async (t) => {
  const [, worker] = workers
  if (worker === undefined) throw new Error('there is no second worker')
  await testFault(t, worker, {
    title: 'a library is missing in the image of kube-proxy',
    staysReady: true,
    make: async () => undefined,
    takeBack: async ({ name, machine }) => {
      await machine.ssh('find /var/lib/containerd -name libxt_comment.so.away -execdir mv {} libxt_comment.so ";"')
      await deletePods('kube-system', name, '--selector', 'k8s-app=kube-proxy')
      await deletePods('kube-flannel', name)
    },
    machine: { first: ['kube-proxy-failing', 'plugin-failing'], words: /dial tcp 10\.96\.0\.1:443/ },
    cluster: { first: ['plugin-failing'], words: /kube-flannel-ds-\w+ does not stay up/ }
  })
  t.match(await reaches('worker-2', 'ready', 10 * minutes), { confirmed: true, node: { condition: 'Ready' } })
})

t.test('CoreDNS that has no server to ask ends again and again, and is no cause of a Node that is Ready', async (t) => {
  const said = async () =>
    bed.kubectl('--namespace', 'kube-system', 'logs', '--selector', 'k8s-app=kube-dns', '--tail=20')
  await waitFor(
    'CoreDNS to say why it ends',
    () => said().catch(() => ''),
    (words) => /no valid upstream addresses/.test(words),
    5 * minutes
  )
  t.match(await workers[0]?.clusterSays(), { ready: true, causes: { length: 0 } })
  await forwardNothing(bed)
  await bed.kubectl('--namespace', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=10m')
})

t.test('Pods on both machines reach each other: by address, Service, NodePort and name', async (t) => {
  const names = (await type('pods')).trim().split('\n')
  t.match(names.at(-1), /^web-\w+-\w+$/, 'the name of a Pod of the deployment')
  const [one, other] = await Promise.all(machines.map(({ name }) => pods.server(name)))
  if (one === undefined || other === undefined) throw new Error('two servers were asked for')
  t.not(one.network, other.network, 'each machine has a network for its Pods')
  for (const [from, to] of [
    [one, other],
    [other, one]
  ] as const) {
    t.equal(await pods.get(from, `http://${to.address}:8080/hostname`), to.name, `${from.node} to a Pod of ${to.node}`)
    const service = await pods.service(to)
    t.equal(await pods.get(from, `http://${service.address}/hostname`), to.name, 'by the address of its Service')
    t.equal(await pods.get(from, `http://${service.name}.default.svc.cluster.local/hostname`), to.name, 'by its name')
    t.equal(
      await pods.get(from, 'https://kubernetes.default.svc.cluster.local/livez', '--insecure'),
      'ok',
      'the API server'
    )
    for (const { address } of machines) {
      const { stdout } = await bed.exec([...curl, `http://${address}:${service.nodePort}/hostname`])
      t.equal(stdout, to.name, `from outside, by ${address}`)
    }
  }
})

t.test('Flannel without a network for Pods says so, and the Node is Ready once it has one', async (t) => {
  await second.powerCut()
  await restartControllerManager(bed, { 'allocate-node-cidrs': 'false' })
  const machine = bed.machine('worker-3', 3, { template })
  await machine.boot(await product.joinery('code', 'create', '--name', 'worker-3', '--cloud-init'))
  await reaches('worker-3', 'pending', 20 * minutes)
  await product.surveyed('worker-3')
  await product.joinery('approve', 'worker-3', '--yes')
  await reaches('worker-3', 'joined', 10 * minutes)
  await testFault(t, workerOf(product, machine, ready), {
    title: 'the Node has no network for its Pods',
    staysReady: true,
    make: async () => undefined,
    takeBack: async ({ name }) => {
      await restartControllerManager(bed, {})
      await waitFor(
        'worker-3 to have a network for its Pods',
        () => bed.kubectl('get', 'node', name, '--output=jsonpath={.spec.podCIDR}'),
        (network) => network !== '',
        2 * minutes
      )
      await deletePods('kube-flannel', name)
    },
    cluster: { first: ['pod-cidr-missing'], words: /no network was assigned to the Pods of this Node/ },
    machine: { first: ['pod-cidr-missing'], words: /pod cidr not assigned/ }
  })
  t.match(await reaches('worker-3', 'ready', 10 * minutes), { confirmed: true, node: { condition: 'Ready' } })
  t.notOk((await show('worker-3')).timeline.some(({ alert }) => alert))
  t.equal((await tryJoinery('why', 'worker-3')).code, 0)
})
