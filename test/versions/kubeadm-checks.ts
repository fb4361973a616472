import type { Sources } from './sources.ts'

/** Files of kubeadm's preflight for Linux, and the functions in them that choose the checks of a join. */
const files = ['checks.go', 'checks_linux.go'].map((file) => `cmd/kubeadm/app/preflight/${file}`)
const choosers = [
  'JoinNodeChecks',
  'InitNodeChecks',
  'addCommonChecks',
  'addSwapCheck',
  'addExecChecks',
  'addIPv4Checks',
  'addIPv6Checks'
]

/** kubeadmChecks gives the checks that kubeadm makes at a join, each as its source names it, without the parts that say nothing. */
export const kubeadmChecks = ({ read }: Pick<Sources, 'read'>): string[] => {
  const source = files.map(read).join('\n')
  const bodies = choosers.map((name) => new RegExp(`^func ${name}\\([\\s\\S]*?^}`, 'm').exec(source)?.[0] ?? '')
  const made = bodies.join('\n').matchAll(/\b(\w+)Check\{((?:[^{}]|\{[^{}]*\})*)\}/g)
  return [...new Set([...made].map(([, name, parts = '']) => [name, ...telling(parts)].join(' ')))].sort()
}

/** The values of a check that tell it from others of its kind. */
const telling = (parts: string): string[] =>
  [...parts.matchAll(/\b(?:executable|Path|Service|port): *((?:[^,()]|\([^()]*\))+)/g)].map(([, value = '']) =>
    value.replace(/"|kubeadmconstants\./g, '').trim()
  )

/** Each check of kubeadm, with ours, or the reason why there is none. */
export const ours: Readonly<Record<string, string>> = {
  ContainerRuntime: 'container-runtime',
  ContainerRuntimeVersion: 'container-runtime',
  'DirAvailable cfg.Etcd.Local.DataDir': 'control-plane-leftovers',
  ExternalEtcdVersion: 'etcd-members',
  'FileAvailable GetStaticPodFilepath(Etcd, manifestsDir)': 'control-plane-leftovers',
  'FileAvailable GetStaticPodFilepath(KubeAPIServer, manifestsDir)': 'control-plane-leftovers',
  'FileAvailable GetStaticPodFilepath(KubeControllerManager, manifestsDir)': 'control-plane-leftovers',
  'FileAvailable GetStaticPodFilepath(KubeScheduler, manifestsDir)': 'control-plane-leftovers',
  'FileAvailable cfg.CACertPath': 'earlier-join',
  'FileAvailable filepath.Join(KubernetesDir, KubeletBootstrapKubeConfigFileName)': 'earlier-join',
  'FileAvailable filepath.Join(KubernetesDir, KubeletKubeConfigFileName)': 'earlier-join',
  'FileContent ipv4Forward': 'sysctls',
  'FileContent ipv6DefaultForwarding': 'sysctls',
  'FileExisting cfg.Etcd.External.CAFile': 'none: the server gives the certificates of an external etcd with the grant',
  'FileExisting cfg.Etcd.External.CertFile':
    'none: the server gives the certificates of an external etcd with the grant',
  'FileExisting cfg.Etcd.External.KeyFile':
    'none: the server gives the certificates of an external etcd with the grant',
  Firewalld: 'firewall',
  HTTPProxy: 'proxy',
  HTTPProxyCIDR: 'proxy',
  Hostname: 'hostname',
  'InPath conntrack': 'programs',
  'InPath cp': 'programs',
  'InPath getent': 'programs',
  'InPath losetup': 'programs',
  'InPath mount': 'programs',
  KubeletVersion: 'version-skew',
  KubernetesVersion: 'version-skew',
  Mem: 'control-plane-size',
  NumCPU: 'control-plane-size',
  'PortOpen EtcdListenClientPort': 'ports-free',
  'PortOpen EtcdListenPeerPort': 'ports-free',
  'PortOpen KubeControllerManagerPort': 'ports-free',
  'PortOpen KubeSchedulerPort': 'ports-free',
  'PortOpen KubeletPort': 'ports-free',
  'PortOpen int(cfg.LocalAPIEndpoint.BindPort)': 'ports-free',
  'Service kubelet': 'kubelet-service',
  Swap: 'swap',
  SystemVerification: 'kernel'
}

/** Checks of kubeadm that nobody here has thought of, and those that kubeadm no longer makes in any of these sources. */
export const strangeChecks = (all: readonly Sources[]): string[] => [
  ...all.flatMap((sources) =>
    kubeadmChecks(sources).flatMap((check) =>
      check in ours
        ? []
        : [
            `${sources.version}: kubeadm checks ${check}, and test/versions/kubeadm-checks.ts does not say who does here`
          ]
    )
  ),
  ...Object.keys(ours).flatMap((check) =>
    all.some((sources) => kubeadmChecks(sources).includes(check))
      ? []
      : [`no kubeadm checks ${check} any more: take it out`]
  )
]
