/** The output of `kubeadm join` of v1.37.2 for a worker: the stages by a name of our own, in their order. */
export const stageLines = {
  preflight: ['[preflight] Running pre-flight checks'],
  configuration: [
    '[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...',
    "[preflight] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it."
  ],
  'instance-config': ['[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/instance-config.yaml"'],
  'kubelet-config': [
    '[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"',
    '[kubelet-start] Writing kubelet environment file with flags to file "/var/lib/kubelet/kubeadm-flags.env"'
  ],
  'kubelet-start': ['[kubelet-start] Starting the kubelet'],
  'kubelet-check': [
    '[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s'
  ],
  'kubelet-healthy': ['[kubelet-check] The kubelet is healthy after 1.002345678s'],
  bootstrap: ['[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap'],
  joined: [
    '',
    'This node has joined the cluster:',
    '* Certificate signing request was sent to apiserver and a response was received.',
    '* The Kubelet was informed of the new secure connection details.',
    '',
    "Run 'kubectl get nodes' on the control-plane to see this node join the cluster.",
    ''
  ]
} as const

export type WorkerStage = keyof typeof stageLines

const { preflight, configuration, joined, ...kubelet } = stageLines
const { 'instance-config': instanceConfig, 'kubelet-config': kubeletConfig, 'kubelet-start': kubeletStart } = kubelet

/** The output for a control plane whose keys are there already. */
export const controlPlaneLines = {
  preflight,
  configuration,
  'control-plane-preflight': [
    '[preflight] Running pre-flight checks before initializing the new control plane instance'
  ],
  images: [
    '[preflight] Pulling images required for setting up a Kubernetes cluster',
    '[preflight] This might take a minute or two, depending on the speed of your internet connection'
  ],
  certs: [
    '[certs] Using certificateDir folder "/etc/kubernetes/pki"',
    '[certs] Generating "apiserver-etcd-client" certificate and key',
    '[certs] Valid certificates and keys now exist in "/etc/kubernetes/pki"',
    '[certs] Using the existing "sa" key'
  ],
  kubeconfig: ['[kubeconfig] Generating kubeconfig files', '[kubeconfig] Writing "admin.conf" kubeconfig file'],
  manifests: [
    '[control-plane] Using manifest folder "/etc/kubernetes/manifests"',
    '[control-plane] Creating static Pod manifest for "kube-apiserver"',
    '[control-plane] Creating static Pod manifest for "kube-controller-manager"',
    '[control-plane] Creating static Pod manifest for "kube-scheduler"'
  ],
  'check-etcd': ['[check-etcd] Checking that the etcd cluster is healthy'],
  'instance-config': instanceConfig,
  'kubelet-config': kubeletConfig,
  'kubelet-start': kubeletStart,
  // printed when the member was added
  'etcd-announced': ['[etcd] Announced new etcd member joining to the existing etcd cluster'],
  'etcd-manifest': ['[etcd] Creating static Pod manifest for "etcd"'],
  'etcd-wait': ['[etcd] Waiting for the new etcd member to join the cluster. This can take up to 40s'],
  'kubelet-check': kubelet['kubelet-check'],
  'kubelet-healthy': kubelet['kubelet-healthy'],
  bootstrap: kubelet.bootstrap,
  mark: [
    '[mark-control-plane] Marking the node as control-plane by adding the labels: [node-role.kubernetes.io/control-plane]',
    '[mark-control-plane] Marking the node as control-plane by adding the taints [node-role.kubernetes.io/control-plane:NoSchedule]'
  ],
  'control-plane-check': [
    '[control-plane-check] Waiting for healthy control plane components. This can take up to 4m0s',
    '[control-plane-check] kube-apiserver is healthy after 1.002345678s'
  ],
  joined: [
    '',
    'This node has joined the cluster and a new control plane instance was created:',
    ...joined.slice(2, 4),
    '* Control plane label and taint were applied to the new node.',
    '* A new etcd member was added to the local/stacked etcd cluster.',
    ''
  ]
} as const

export type Stage = keyof typeof controlPlaneLines

/** The output if discovery fails. `reason` is the last error, in client-go's words. */
export const discoveryFailed = (reason: string): string[] => [
  `error: error execution phase preflight: couldn't validate the identity of the API Server: Abort reading the cluster-info ConfigMap after timeout of 5m0s: ${reason}`
]

export const refusedConnection = (server: string): string =>
  `Get "${server}/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s": dial tcp ${new URL(server).host}: connect: connection refused`

export const tracesFound = (paths: readonly string[]): string[] => [
  '[preflight] Some fatal errors occurred:',
  ...paths.map((path) => `\t[ERROR FileAvailable-${path.replaceAll('/', '-')}]: ${path} already exists`),
  '[preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`',
  'error: error execution phase preflight: preflight checks failed'
]

/** The output if etcd refuses the member. `reason` is in etcd's words. */
export const memberRefused = (reason: string): string[] => [
  `error: error execution phase etcd-join: error creating local etcd static pod manifest file: ${reason}`
]

export const sharedKeysMissing = (path: string): string[] => [
  `error: error execution phase preflight: couldn't find the certificates that are shared between control planes: ${path}`
]

export const bootstrapFailed = [
  '',
  'Unfortunately, an error has occurred, likely caused by:',
  '\t- The kubelet is not running',
  '\t- The kubelet is unhealthy due to a misconfiguration of the node in some way (required cgroups disabled)',
  '',
  'If you are on a systemd-powered system, you can try to troubleshoot the error with the following commands:',
  "\t- 'systemctl status kubelet'",
  "\t- 'journalctl -xeu kubelet'",
  '',
  'error: error execution phase kubelet-wait-bootstrap: failed while waiting for TLS bootstrap: context deadline exceeded'
]

export const stackTrace = 'To see the stack trace of this error execute with --v=5 or higher'
