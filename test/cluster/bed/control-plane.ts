import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { entering, environment, runInside, spawnInside } from './inside.ts'
import { hostPath } from './mount-namespace.ts'
import { serverAddress } from './network.ts'
import { must, mustLogged } from './run.ts'
import type { Site } from './site.ts'
import { waitFor } from './wait-for.ts'

/**
 * Brings up etcd, kube-apiserver, kube-controller-manager and kube-scheduler as plain processes: kubeadm's own phases make
 * certificates, kubeconfigs, static Pod manifests, ConfigMaps and RBAC, and the processes run with exactly the manifests' flags.
 * `apiServer`: flags that kubeadm is to add to the API server's.
 */
export async function startControlPlane(site: Site, apiServer: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(configOf(site), kubeadmConfig(site.kubernetes, apiServer))
  const phase = (...words: string[]) => initPhase(site, ...words)
  await phase('certs', 'all')
  for (const name of ['admin', 'super-admin', 'controller-manager', 'scheduler']) await phase('kubeconfig', name)
  await phase('control-plane', 'all')
  await phase('etcd', 'local')
  const etcdImage = await startComponent(site, 'etcd')
  await startComponent(site, 'kube-apiserver')
  await kubectlUntilDone(site, 'the API server to be ready', ['get', '--raw', '/readyz'])
  await startComponent(site, 'kube-controller-manager')
  await startComponent(site, 'kube-scheduler')
  await phase('upload-config', 'all')
  await phase('bootstrap-token')
  const account = ['--namespace=kube-system', 'get', 'serviceaccount', 'default']
  await kubectlUntilDone(site, 'the controller manager to work', account)
  const apply = ['kubectl', 'apply', '--filename=-']
  await must(entering(site, apply), { env: environment(site), input: JSON.stringify(firstMember(etcdImage)) })
}

const configOf = (site: Site): string => join(site.run, 'kubeadm.yaml')

/** Runs a phase of `kubeadm init` with the configuration of the cluster. The output goes to `kubeadm.log`. */
export async function initPhase(site: Site, ...words: string[]): Promise<void> {
  const argv = entering(site, ['kubeadm', 'init', 'phase', ...words, `--config=${configOf(site)}`])
  await mustLogged(argv, join(site.logs, 'kubeadm.log'), { env: environment(site) })
}

/**
 * In milliseconds, for each member alike. A member on an emulated machine answers seconds late. With etcd's own second for an
 * election it is the leader sooner or later, then every request of the cluster waits for it, and kubeadm gives up.
 */
const patientEtcd = { 'heartbeat-interval': '500', 'election-timeout': '10000' }

const extraArgs = (flags: Readonly<Record<string, string>>) =>
  Object.entries(flags).map(([name, value]) => ({ name, value }))

/** For the Pods of an emulated control plane: memory is at hand, and to collect it costs processor time. */
const extraEnvs = [{ name: 'GOGC', value: '400' }]

function kubeadmConfig(kubernetesVersion: string, apiServer: Readonly<Record<string, string>>): string {
  const apiVersion = 'kubeadm.k8s.io/v1beta4'
  const init = {
    apiVersion,
    kind: 'InitConfiguration',
    localAPIEndpoint: { advertiseAddress: serverAddress, bindPort: 6443 },
    nodeRegistration: { name: 'cp-1', criSocket: 'unix:///run/containerd/containerd.sock' }
  }
  const cluster = {
    apiVersion,
    kind: 'ClusterConfiguration',
    kubernetesVersion,
    controlPlaneEndpoint: `${serverAddress}:6443`,
    networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16' },
    apiServer: { extraArgs: extraArgs(apiServer), extraEnvs },
    controllerManager: { extraEnvs },
    scheduler: { extraEnvs },
    etcd: { local: { extraArgs: extraArgs(patientEtcd), extraEnvs } }
  }
  return [init, cluster].map((document) => JSON.stringify(document)).join('\n---\n')
}

/** Starts the command of a static Pod manifest, and again whenever it ends, as a kubelet would; gives its image. */
async function startComponent(site: Site, name: string): Promise<string> {
  const manifest = hostPath(site.run, `/etc/kubernetes/manifests/${name}.yaml`)
  const [container] = (parse(await readFile(manifest, 'utf8')) as StaticPod).spec.containers
  // a controller manager ends when it cannot renew its lease, as while etcd has no quorum
  await spawnInside(site, name, ['sh', '-c', 'while :; do "$@"; sleep 1; done', name, ...container.command])
  return container.image
}

interface StaticPod {
  spec: { containers: [{ command: string[]; image: string }] }
}

async function kubectlUntilDone(site: Site, what: string, args: string[]): Promise<void> {
  const look = () => runInside(site, ['kubectl', ...args], { timeout: 10_000 })
  await waitFor(`${what} (logs in ${site.logs})`, look, (result) => result.code === 0, 60_000)
}

/** What a joining control plane looks for: the first member's Node, and the etcd Pod that carries its client URL. */
function firstMember(image: string): object {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'cp-1',
      labels: { 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/hostname': 'cp-1' }
    },
    spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }
  }
  const clientUrls = 'kubeadm.kubernetes.io/etcd.advertise-client-urls'
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'etcd-cp-1',
      namespace: 'kube-system',
      labels: { component: 'etcd', tier: 'control-plane' },
      annotations: { [clientUrls]: `https://${serverAddress}:2379` }
    },
    spec: {
      nodeName: 'cp-1',
      hostNetwork: true,
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'etcd', image }]
    }
  }
  return { apiVersion: 'v1', kind: 'List', items: [node, pod] }
}
