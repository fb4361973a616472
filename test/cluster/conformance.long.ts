import t from 'tap'
import { openBed } from './bed/bed.ts'
import { applyAddons, applyFlannel, forwardNothing } from './pods/addons.ts'
import { joinBare } from './pods/bare-worker.ts'
import { type Choice, runE2e, those } from './pods/e2e.ts'
import { podImages } from './pods/images.ts'
import { reachPods } from './pods/pods.ts'
import { buildE2e } from './pods/programs.ts'
import { agentPackage, installProduct, minutes } from './product.ts'

t.setTimeout(0)

/**
 * Kubernetes' own tests as the judge: those for conformance that need no other image than agnhost and busybox, on a Node that Joinery
 * joined and on one that kubeadm alone joined, and those of kubeadm before and after `joinery cluster harden`.
 *
 * These parts run side by side: probes are mostly waited for.
 */
const parts: Readonly<Record<string, string>> = {
  network: '\\[sig-network\\].*\\[Conformance\\]',
  probes: '\\[sig-node\\] Probing container .*\\[Conformance\\]',
  pods: '\\[sig-node\\] (Pods|PreStop|Kubelet|KubeletManagedEtcHosts|Security Context|Downward API|Container Runtime) .*\\[Conformance\\]'
}
// the last two have images of their own
const skip = ['\\[Serial\\]', '\\[Disruptive\\]', '\\[Slow\\]', 'privilege escalation', 'DNS should (provide|resolve)']

/** Tests of kubeadm's own cluster that a hardened one no longer passes. */
const takenAway: readonly string[] = []

const bed = await openBed({ images: podImages })
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const { e2e, e2eKubeadm } = await buildE2e(bed.settings.cache, `${bed.logs}/build.log`)
await applyAddons(bed)
await forwardNothing(bed)
await applyFlannel(bed)
const { joinery, reaches, surveyed } = await installProduct(bed)
const template = await bed.templateWith(agentPackage)

t.test('two Nodes are Ready: one joined by Joinery, and one by kubeadm alone', async (t) => {
  const machine = bed.machine('by-joinery', 1, { template })
  await machine.boot(await joinery('code', 'create', '--name', 'by-joinery', '--cloud-init'))
  const bare = joinBare(bed, 'by-kubeadm', 2)
  await reaches('by-joinery', 'pending', 20 * minutes)
  await surveyed('by-joinery')
  await joinery('approve', 'by-joinery', '--yes')
  await Promise.all([reaches('by-joinery', 'ready', 20 * minutes), bare])
  await bed.kubectl('wait', 'node/by-kubeadm', '--for=condition=Ready', '--timeout=15m')
  await bed.kubectl('--namespace=kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=15m')
  await reachPods(bed, { 'by-joinery': machine.address, 'by-kubeadm': (await bare).address })
  const nodes = await bed.kubectl('get', 'nodes')
  for (const name of ['by-joinery', 'by-kubeadm']) t.match(nodes, new RegExp(`${name}\\s+Ready`))
})

t.test('no test passes on a Node of kubeadm alone and fails on one of Joinery', async (t) => {
  const only = async (node: string, other: string) => {
    await bed.kubectl('uncordon', node)
    await bed.kubectl('cordon', other)
    const running = Object.entries(parts).map(([part, focus]) =>
      runE2e(bed, e2e, `conformance-${node}-${part}`, { focus: [focus], skip })
    )
    const outcomes = new Map((await Promise.all(running)).flatMap((part) => [...part]))
    t.comment(`${node}: ${those(outcomes, 'passed').length} of ${outcomes.size} passed`)
    for (const name of those(outcomes, 'failed')) t.comment(`${node}: failed: ${name}`)
    return outcomes
  }
  const ours = await only('by-joinery', 'by-kubeadm')
  t.ok(ours.size > 60)
  const theirs = await only('by-kubeadm', 'by-joinery')
  t.same([...ours.keys()].sort(), [...theirs.keys()].sort())
  t.same(those(ours, 'failed'), those(theirs, 'failed'))
  t.same(those(ours, 'failed'), [], 'each test that needs no other image passes')
  await bed.kubectl('uncordon', 'by-joinery')
})

t.test('joinery cluster harden takes from kubeadm what its page says, and nothing else', async (t) => {
  const all: Choice = { focus: [], skip: [] }
  const before = await runE2e(bed, e2eKubeadm, 'kubeadm-before', all)
  await joinery('cluster', 'harden', '--kubeconfig', '/etc/kubernetes/admin.conf', '--yes')
  const after = await runE2e(bed, e2eKubeadm, 'kubeadm-after', all)
  for (const name of those(before, 'failed')) t.comment(`before: failed: ${name}`)
  t.ok(before.size > 30)
  t.same(
    those(after, 'failed').filter((name) => before.get(name) === 'passed'),
    takenAway
  )
})
