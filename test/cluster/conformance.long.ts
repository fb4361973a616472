import t from 'tap'
import { type Bed, openBed } from './bed/bed.ts'
import type { Machine } from './bed/machine.ts'
import { applyAddons, applyFlannel, forwardNothing } from './pods/addons.ts'
import { joinBare } from './pods/bare-worker.ts'
import { type Choice, type Outcomes, runE2e, those } from './pods/e2e.ts'
import { podImages } from './pods/images.ts'
import { reachPods } from './pods/pods.ts'
import { buildE2e } from './pods/programs.ts'
import { agentPackage, installProduct, minutes } from './product.ts'

t.setTimeout(0)

/**
 * Kubernetes' own tests as the judge: those for conformance that need no other image than agnhost and busybox, on a Node that Joinery
 * joined and on one that kubeadm alone joined, and those of kubeadm before and after `joinery cluster harden`.
 *
 * Some have times in them, and an emulated processor is slow: what fails is asked once more, alone.
 */
const conformance: Choice = {
  focus: [
    '\\[sig-network\\].*\\[Conformance\\]',
    '\\[sig-node\\] (Pods|PreStop|Kubelet|KubeletManagedEtcHosts|Security Context|Downward API|Container Runtime|Probing container) .*\\[Conformance\\]'
  ],
  // the last two have images of their own
  skip: ['\\[Serial\\]', '\\[Disruptive\\]', '\\[Slow\\]', 'privilege escalation', 'DNS should (provide|resolve)']
}

/** The tests of kubeadm's own. The clusters were not asked to hand certificates to control planes: `--upload-certs`. */
const ofKubeadm: Choice = { focus: [], skip: ['\\[copy-certs\\]'] }

/** Those that a hardened cluster no longer passes: it hides cluster-info, and approves no request by itself. */
const takenAway = [
  'bootstrap token should be allowed to auto approve CSR for kubelet certificates on joining nodes',
  'cluster-info ConfigMap should be accessible for anonymous',
  'cluster-info ConfigMap should have related Role and RoleBinding'
].map((name) => `[sig-cluster-lifecycle] [area-kubeadm] ${name}`)

/** A cluster with the addons of kubeadm and with Flannel, and no Node that is Ready. */
const openCluster = async (): Promise<Bed> => {
  const bed = await openBed({ images: podImages })
  t.teardown(() => bed.close())
  t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
  await applyAddons(bed)
  await forwardNothing(bed)
  await applyFlannel(bed)
  return bed
}

// each Node has a cluster of its own, so that both are judged at the same time
const [bed, bareBed] = [await openCluster(), await openCluster()]
const { e2e, e2eKubeadm } = await buildE2e(bed.settings.cache, `${bed.logs}/build.log`)
const { joinery, reaches, surveyed } = await installProduct(bed)
const template = await bed.templateWith(agentPackage)

/** Waits until Pods run on the machine, and the API server reaches them. */
const serves = async (cluster: Bed, { name, address }: Machine): Promise<void> => {
  await cluster.kubectl('wait', `node/${name}`, '--for=condition=Ready', '--timeout=15m')
  await cluster.kubectl('--namespace=kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=15m')
  await reachPods(cluster, { [name]: address })
}

t.test('two Nodes are Ready: one joined by Joinery, and one by kubeadm alone', async (t) => {
  const machine = bed.machine('by-joinery', 1, { template })
  await machine.boot(await joinery('code', 'create', '--name', 'by-joinery', '--cloud-init'))
  const bare = joinBare(bareBed, 'by-kubeadm', 1)
  await reaches('by-joinery', 'pending', 20 * minutes)
  await surveyed('by-joinery')
  await joinery('approve', 'by-joinery', '--yes')
  await reaches('by-joinery', 'ready', 20 * minutes)
  await serves(bed, machine)
  await serves(bareBed, await bare)
  t.match(await bed.kubectl('get', 'nodes'), /by-joinery\s+Ready/)
  t.match(await bareBed.kubectl('get', 'nodes'), /by-kubeadm\s+Ready/)
})

t.test('no test passes on a Node of kubeadm alone and fails on one of Joinery', async (t) => {
  const judged = async (cluster: Bed, node: string): Promise<Outcomes> => {
    const first = await runE2e(cluster, e2e, 'conformance', conformance)
    const failed = those(first, 'failed')
    t.comment(`${node}: ${first.size - failed.length} of ${first.size} passed`)
    if (failed.length === 0) return first
    for (const name of failed) t.comment(`${node}: failed, and is asked once more: ${name}`)
    const again = await runE2e(cluster, e2e, 'conformance-again', { focus: failed.map(RegExp.escape), skip: [] })
    for (const name of those(again, 'failed')) t.comment(`${node}: failed twice: ${name}`)
    return new Map([...first, ...again])
  }
  const [ours, theirs] = await Promise.all([judged(bed, 'by-joinery'), judged(bareBed, 'by-kubeadm')])
  t.ok(ours.size > 60)
  t.same([...ours.keys()].sort(), [...theirs.keys()].sort())
  t.same(those(ours, 'failed'), those(theirs, 'failed'))
  t.same(those(ours, 'failed'), [], 'each test that needs no other image passes')
})

t.test('joinery cluster harden takes from kubeadm what its page says, and nothing else', async (t) => {
  const before = await runE2e(bed, e2eKubeadm, 'kubeadm-before', ofKubeadm)
  t.ok(before.size > 30)
  t.same(those(before, 'failed'), [])
  await joinery('cluster', 'harden', '--kubeconfig', '/etc/kubernetes/admin.conf', '--yes')
  const after = await runE2e(bed, e2eKubeadm, 'kubeadm-after', ofKubeadm)
  t.same(those(after, 'failed'), takenAway)
})
