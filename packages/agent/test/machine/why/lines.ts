/** A line as a program logs it, with the rule that must fit it, and the words of the cause. */
export interface Row {
  rule: string
  line: string
  code: string
  text: RegExp
}

const ended = (error: string): string =>
  `E1127 10:34:31.615636   24949 run.go:72] "command failed" err=${JSON.stringify(error)}`
const loaded = (path: string, error: string): string =>
  ended(
    `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error failed to ${error}`
  )
const kubelet = (place: string, message: string, error: string, rest = ''): string =>
  `E1127 10:36:00.116838    1849 ${place}] ${JSON.stringify(message)} err=${JSON.stringify(error)}${rest}`
const containerd = (message: string, error: string, rest = ''): string =>
  `time="2026-11-27T10:34:48.386749000Z" level=error msg=${JSON.stringify(message)} error=${JSON.stringify(error)}${rest}`
const pulled = (image: string, error: string): string =>
  containerd(
    `PullImage ${JSON.stringify(image)} failed`,
    `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to resolve image: ${error}`
  )
const sandboxed = (error: string): string =>
  containerd(
    'RunPodSandbox for &PodSandboxMetadata{Name:coredns-66bc5c9577-4xkzr,Uid:7e5c1b5f-7b0a-4a53-8a3f-2f9f4d4f9a10,Namespace:kube-system,Attempt:0,} failed, error',
    `rpc error: code = Unknown desc = ${error}`
  )
const id = '5f2e7c6a0f7d4b0c9d3e8a1b2c4d6e8f0a1b3c5d7e9f0a2b4c6d8e0f1a3b5c7d'
const networked = (error: string): string => sandboxed(`failed to setup network for sandbox "${id}": ${error}`)
const synced = (pod: string, error: string): string =>
  kubelet(
    'pod_workers.go:1338',
    'Error syncing pod, skipping',
    error,
    ` pod="${pod}" podUID="c0ffee00-7b0a-4a53-8a3f-2f9f4d4f9a10"`
  )
const registering = (error: string): string =>
  kubelet(
    'kubelet_node_status.go:108',
    'Unable to register node with API server',
    `Post "https://api.example.org:6443/api/v1/nodes": ${error}`,
    ' node="worker-1"'
  )
const bootstrap = (line: number, error: string): string =>
  kubelet(`bootstrap.go:${line}`, 'Unhandled Error', error, ' logger="UnhandledError"')
const cniLoaded = (error: string): string =>
  containerd(
    'failed to reload cni configuration after receiving fs change event(WRITE         "/etc/cni/net.d/10-x.conflist")',
    `cni config load failed: ${error}: failed to load cni config`
  )

const flannel = 'ghcr.io/flannel-io/flannel:v0.27.4'

/**
 * A text for each rule. Those of the kubelet's start, of its certificate, of containerd's configuration, of pulls and of CNI files were
 * logged by kubelet v1.37.2 and containerd v2.4.2; the others are put together from the messages in the source that the rule names.
 */
export const rows: readonly Row[] = [
  // disk and memory
  {
    rule: 'inotify-watches',
    line: kubelet(
      'kubelet.go:1833',
      'Failed to start cAdvisor',
      'inotify_add_watch /sys/fs/cgroup/kubepods.slice: no space left on device'
    ),
    code: 'kubelet-failing',
    text: /^the kernel has no inotify watch left/
  },
  {
    rule: 'inotify-instances',
    line: kubelet('kubelet.go:1833', 'Failed to start cAdvisor', 'inotify_init: too many open files'),
    code: 'kubelet-failing',
    text: /no inotify instance left/
  },
  {
    rule: 'no-space',
    line: 'time="2026-11-27T10:35:41.858963145Z" level=warning msg="failed to load plugin" error="unable to load CRI image service plugin dependency: write /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db: no space left on device" id=io.containerd.grpc.v1.cri type=io.containerd.grpc.v1',
    code: 'disk-full',
    text: /^a disk of this machine is full$/
  },
  {
    rule: 'evicts-for-disk',
    line: 'I1127 10:36:00.116838    1849 eviction_manager.go:389] "Eviction manager: attempting to reclaim" resourceName="ephemeral-storage"',
    code: 'disk-full',
    text: /throws Pods off the Node$/
  },
  {
    rule: 'images-fill-disk',
    line: kubelet(
      'kubelet.go:1596',
      'Image garbage collection failed multiple times in a row',
      'Failed to garbage collect required amount of images. Attempted to free 1073741824 bytes, but only found 0 bytes eligible to free.'
    ),
    code: 'disk-full',
    text: /no image can be deleted$/
  },
  {
    rule: 'images-fill-disk',
    line: kubelet(
      'kubelet.go:1750',
      'Image garbage collection failed multiple times in a row',
      "Insufficient free disk space on the node's image filesystem (98% of 20 GiB used). Failed to free sufficient space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data."
    ),
    code: 'disk-full',
    text: /no image can be deleted$/
  },
  {
    rule: 'evicts-for-memory',
    line: 'I1127 10:36:00.116838    1849 eviction_manager.go:400] "Eviction manager: must evict pod(s) to reclaim" resourceName="memory"',
    code: 'memory-short',
    text: /^memory is so short/
  },
  {
    rule: 'no-memory',
    line: networked(
      'plugin type="bridge" failed (add): netplugin failed with no error message: fork/exec /opt/cni/bin/bridge: cannot allocate memory'
    ),
    code: 'memory-short',
    text: /no memory left to start a program$/
  },
  {
    rule: 'read-only',
    line: ended('failed to run Kubelet: failed to create kubelet: mkdir /var/lib/kubelet/pki: read-only file system'),
    code: 'kubelet-failing',
    text: /a file system is read-only/
  },
  // the container runtime
  {
    rule: 'runtime-config-toml',
    line: 'containerd: failed to unmarshal TOML at row 1 column 12: toml: array is incomplete',
    code: 'runtime-off',
    text: /line 1 of its configuration is no TOML: toml: array is incomplete$/
  },
  {
    rule: 'runtime-config-version',
    line: 'containerd: failed to load TOML from /etc/containerd/config.toml: expected containerd config version equal to or less than `4`, got `9`',
    code: 'runtime-off',
    text: /older than its configuration: expected containerd config version/
  },
  {
    rule: 'runtime-cri-failed',
    line: 'time="2026-11-27T10:35:41.858963145Z" level=warning msg="failed to load plugin" error="invalid plugin config: `mirrors` cannot be set when `config_path` is provided" id=io.containerd.cri.v1.images type=io.containerd.cri.v1',
    code: 'runtime-off',
    text: /without its CRI service, which failed to start: invalid plugin config/
  },
  {
    rule: 'runtime-store-locked',
    line: 'time="2026-11-27T10:35:41.858963145Z" level=warning msg="waiting for response from boltdb open" plugin=bolt',
    code: 'runtime-off',
    text: /another containerd has its store open$/
  },
  {
    rule: 'runtime-cni-folder-removed',
    line: 'time="2026-11-27T10:35:41.858963145Z" level=fatal msg="Failed to run CRI service" error="cni network conf monitor error: cni conf dir is removed, stop watching"',
    code: 'runtime-off',
    text: /the folder \/etc\/cni\/net\.d was removed$/
  },
  {
    rule: 'runtime-without-cri',
    line: ended(
      'failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService'
    ),
    code: 'runtime-off',
    text: /^the container runtime at unix:\/\/\/run\/containerd\/containerd\.sock has no CRI/
  },
  {
    rule: 'runtime-socket-missing',
    line: ended(
      'failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory"'
    ),
    code: 'runtime-off',
    text: /there is no socket \/run\/containerd\/containerd\.sock$/
  },
  {
    rule: 'runtime-socket-refused',
    line: kubelet(
      'remote_runtime.go:889',
      'Status from runtime service failed',
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"'
    ),
    code: 'runtime-off',
    text: /nobody listens at \/run\/containerd\/containerd\.sock$/
  },
  {
    rule: 'runtime-not-ready',
    line: kubelet(
      'kubelet.go:2697',
      'Skipping pod synchronization',
      'container runtime not ready: RuntimeReady=false reason:ContainerdHasDeprecationWarnings message:not yet'
    ),
    code: 'runtime-off',
    text: /cannot run containers: ContainerdHasDeprecationWarnings not yet$/
  },
  {
    rule: 'runtime-slow',
    line: kubelet(
      'kubelet.go:2697',
      'Skipping pod synchronization',
      'PLEG is not healthy: pleg was last seen active 3m14.05s ago; threshold is 3m0s'
    ),
    code: 'runtime-off',
    text: /answers too slowly/
  },
  {
    rule: 'runtime-status-late',
    line: kubelet(
      'remote_runtime.go:889',
      'Status from runtime service failed',
      'rpc error: code = DeadlineExceeded desc = context deadline exceeded'
    ),
    code: 'runtime-off',
    text: /^the container runtime does not answer in time$/
  },
  {
    rule: 'runtime-down',
    line: kubelet('kubelet.go:2697', 'Skipping pod synchronization', 'container runtime is down'),
    code: 'runtime-off',
    text: /^the container runtime does not answer the kubelet$/
  },
  // who the kubelet is
  {
    rule: 'banned',
    line: kubelet(
      'kubelet_node_status.go:104',
      'Unable to register node with API server, reason is forbidden',
      "nodes \"worker-1\" is forbidden: ValidatingAdmissionPolicy 'joinery-ban' with binding 'joinery-ban' denied request: this node was removed by Joinery",
      ' node="worker-1"'
    ),
    code: 'banned',
    text: /its name is banned$/
  },
  {
    rule: 'certificate-expired',
    line: bootstrap(
      267,
      'part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is expired: 2026-11-01 00:00:00 +0000 UTC'
    ),
    code: 'certificate-over',
    text: /it ended at 2026-11-01 00:00:00 \+0000 UTC$/
  },
  {
    rule: 'certificate-file-missing',
    line: bootstrap(
      242,
      'unable to read existing bootstrap client config from /etc/kubernetes/kubelet.conf: invalid configuration: [unable to read client-cert /var/lib/kubelet/pki/kubelet-client-current.pem for u due to open /var/lib/kubelet/pki/kubelet-client-current.pem: no such file or directory, unable to read client-key /var/lib/kubelet/pki/kubelet-client-current.pem for u due to open /var/lib/kubelet/pki/kubelet-client-current.pem: no such file or directory]'
    ),
    code: 'certificate-over',
    text: /is missing: \/var\/lib\/kubelet\/pki\/kubelet-client-current\.pem cannot be read$/
  },
  {
    rule: 'kubelet-conf-empty',
    line: bootstrap(
      242,
      'unable to read existing bootstrap client config from /etc/kubernetes/kubelet.conf: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable'
    ),
    code: 'certificate-over',
    text: /^\/etc\/kubernetes\/kubelet\.conf is empty/
  },
  {
    rule: 'certificate-unreadable',
    line: bootstrap(
      257,
      'unable to load TLS certificates from existing bootstrap client config read from /etc/kubernetes/kubelet.conf: data does not contain any valid RSA or ECDSA certificates'
    ),
    code: 'certificate-over',
    text: /cannot be used: data does not contain any valid RSA or ECDSA certificates$/
  },
  {
    rule: 'bootstrap-missing',
    line: ended(
      'failed to run Kubelet: unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory'
    ),
    code: 'certificate-over',
    text: /no credential to ask for one$/
  },
  {
    rule: 'certificate-expired-running',
    line: 'E1127 10:36:00.116838    1849 transport.go:133] "The currently active client certificate has expired, but the server is not responsive. A restart may be necessary to retrieve new initial credentials."',
    code: 'certificate-over',
    text: /ended while it ran/
  },
  {
    rule: 'certificate-gone-running',
    line: 'E1127 10:36:00.116838    1849 transport.go:123] "No valid client certificate is found but the server is not responsive. A restart may be necessary to retrieve new initial credentials." lastCertificateAvailabilityTime="2026-11-27 10:30:00" shutdownThreshold="5m0s"',
    code: 'certificate-over',
    text: /no client certificate that is good any more$/
  },
  {
    rule: 'anonymous',
    line: kubelet(
      'reflector.go:205',
      'Failed to watch',
      'failed to list *v1.Node: nodes "worker-1" is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
      ' reflector="k8s.io/client-go/informers/factory.go:160" type="*v1.Node"'
    ),
    code: 'certificate-over',
    text: /comes to the API server without a certificate/
  },
  {
    rule: 'unauthorized',
    line: kubelet(
      'kubelet_node_status.go:108',
      'Unable to register node with API server',
      'Unauthorized',
      ' node="worker-1"'
    ),
    code: 'certificate-over',
    text: /does not accept the certificate of the kubelet/
  },
  {
    rule: 'node-gone',
    line: kubelet(
      'kubelet_node_status.go:479',
      'Error updating node status, will retry',
      'error getting node "worker-1": nodes "worker-1" not found'
    ),
    code: 'node-missing',
    text: /^the cluster has no Node worker-1/
  },
  {
    rule: 'other-node',
    line: kubelet(
      'kubelet_node_status.go:108',
      'Unable to register node with API server',
      'nodes "worker-2" is forbidden: node "worker-1" is not allowed to modify node "worker-2"',
      ' node="worker-2"'
    ),
    code: 'node-missing',
    text: /^the kubelet calls itself worker-2, and its certificate is for worker-1$/
  },
  {
    rule: 'register-forbidden',
    line: kubelet(
      'kubelet_node_status.go:104',
      'Unable to register node with API server, reason is forbidden',
      'nodes "worker-1" is forbidden: exceeded quota',
      ' node="worker-1"'
    ),
    code: 'node-missing',
    text: /does not let the kubelet make its Node: nodes "worker-1" is forbidden: exceeded quota$/
  },
  // the start of the kubelet
  {
    rule: 'config-missing',
    line: loaded(
      '/var/lib/kubelet/config.yaml',
      'read kubelet config file "/var/lib/kubelet/config.yaml", error: open /var/lib/kubelet/config.yaml: no such file or directory'
    ),
    code: 'kubelet-failing',
    text: /there is no \/var\/lib\/kubelet\/config\.yaml, so this machine has not joined/
  },
  {
    rule: 'config-of-other-version',
    line: loaded(
      '/var/lib/kubelet/config.yaml',
      'decode: no kind "KubeletConfiguration" is registered for version "kubelet.config.k8s.io/v1beta9" in scheme "pkg/runtime/scheme.go:111"'
    ),
    code: 'kubelet-failing',
    text: /does not know the version kubelet\.config\.k8s\.io\/v1beta9 of its configuration/
  },
  {
    rule: 'config-broken',
    line: loaded('/var/lib/kubelet/config.yaml', 'decode: yaml: line 1: did not find expected node content'),
    code: 'kubelet-failing',
    text: /\/var\/lib\/kubelet\/config\.yaml, cannot be read: yaml: line 1: did not find expected node content$/
  },
  {
    rule: 'feature-gate',
    line: 'panic: failed to merge global and in-flight KubeletConfiguration while setting defaults, error: unrecognized feature gate: NoSuchGate',
    code: 'kubelet-failing',
    text: /does not know the feature gate NoSuchGate/
  },
  {
    rule: 'cgroup-v1',
    line: ended(
      'failed to validate kubelet configuration, error: kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported and will be removed in a future release, path: &TypeMeta{Kind:,APIVersion:,}'
    ),
    code: 'kubelet-failing',
    text: /this machine has cgroup v1$/
  },
  {
    rule: 'config-invalid',
    line: ended(
      'failed to validate kubelet configuration, error: invalid configuration: maxPods (--max-pods) -5 must not be a negative number, path: &TypeMeta{Kind:,APIVersion:,}'
    ),
    code: 'kubelet-failing',
    text: /does not accept its configuration: invalid configuration: maxPods \(--max-pods\) -5 must not be a negative number$/
  },
  {
    rule: 'unknown-flag',
    line: ended('failed to parse kubelet flag: unknown flag: --no-such-flag'),
    code: 'kubelet-failing',
    text: /does not know its argument --no-such-flag:/
  },
  {
    rule: 'file-missing',
    line: ended('failed to run Kubelet: open /etc/kubernetes/pki/ca.crt: no such file or directory'),
    code: 'kubelet-failing',
    text: /there is no \/etc\/kubernetes\/pki\/ca\.crt$/
  },
  {
    rule: 'swap-on',
    line: ended(
      'failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false'
    ),
    code: 'kubelet-failing',
    text: /swap is on$/
  },
  {
    rule: 'port-taken',
    line: kubelet(
      'server.go:212',
      'Failed to listen and serve',
      'listen tcp 0.0.0.0:10250: bind: address already in use'
    ),
    code: 'kubelet-failing',
    text: /another program has its TCP port 10250$/
  },
  {
    rule: 'kernel-flag',
    line: kubelet(
      'kubelet.go:1850',
      'Failed to start ContainerManager',
      '[invalid kernel flag: vm/overcommit_memory, expected value: 1, actual value: 0, invalid kernel flag: kernel/panic, expected value: 10, actual value: 0]'
    ),
    code: 'kubelet-failing',
    text: /the kernel setting vm\/overcommit_memory must be 1$/
  },
  {
    rule: 'cgroup-missing',
    line: kubelet(
      'kubelet.go:1850',
      'Failed to start ContainerManager',
      'system validation failed - Following Cgroup subsystem not mounted: [memory]'
    ),
    code: 'kubelet-failing',
    text: /no cgroup controller memory$/
  },
  {
    rule: 'node-ip',
    line: ended('failed to run Kubelet: bad --node-ip "172.30.0": could not parse "172.30.0"'),
    code: 'kubelet-failing',
    text: /--node-ip is no address: 172\.30\.0$/
  },
  {
    rule: 'cadvisor',
    line: kubelet(
      'kubelet.go:1833',
      'Failed to start cAdvisor',
      'failed to find supported cgroup mounts for the raw factory'
    ),
    code: 'kubelet-failing',
    text: /cannot watch the containers of this machine: failed to find supported cgroup mounts/
  },
  {
    rule: 'container-manager',
    line: kubelet(
      'kubelet.go:1850',
      'Failed to start ContainerManager',
      "failed to initialize top level QOS containers: root container [kubepods] doesn't exist"
    ),
    code: 'kubelet-failing',
    text: /cannot set up the cgroups of Pods: failed to initialize top level QOS containers/
  },
  {
    rule: 'internal-modules',
    line: kubelet(
      'kubelet.go:1926',
      'Failed to initialize internal modules',
      'error creating root directory: mkdir /var/lib/kubelet: not a directory'
    ),
    code: 'kubelet-failing',
    text: /error creating root directory: mkdir \/var\/lib\/kubelet: not a directory$/
  },
  // sandboxes and their network
  {
    rule: 'sandbox-image',
    line: sandboxed(
      `failed to start sandbox "${id}": failed to get sandbox image "registry.k8s.io/pause:3.10.1": failed to pull image "registry.k8s.io/pause:3.10.1": failed to pull and unpack image "registry.k8s.io/pause:3.10.1": failed to resolve image: failed to do request: Head "https://registry.k8s.io/v2/pause/manifests/3.10.1": dial tcp: lookup registry.k8s.io on 10.0.0.53:53: no such host`
    ),
    code: 'sandbox-failing',
    text: /the image of the sandbox, registry\.k8s\.io\/pause:3\.10\.1, is not here/
  },
  {
    rule: 'cgroup-drivers-differ',
    line: sandboxed(
      `failed to start sandbox "${id}": failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/kubepods/besteffort/pod7e5c1b5f/${id}" instead: unknown`
    ),
    code: 'sandbox-failing',
    text: /different cgroup drivers$/
  },
  {
    rule: 'runc-missing',
    line: sandboxed(
      `failed to start sandbox "${id}": failed to create containerd task: failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/log.json: no such file or directory): exec: "runc": executable file not found in $PATH: unknown`
    ),
    code: 'sandbox-failing',
    text: /the program runc is not installed$/
  },
  {
    rule: 'shim-missing',
    line: sandboxed(
      `failed to start sandbox "${id}": failed to create containerd task: failed to start shim: failed to resolve runtime path: runtime "io.containerd.runc.v2" binary not installed "containerd-shim-runc-v2": file does not exist`
    ),
    code: 'sandbox-failing',
    text: /the program containerd-shim-runc-v2 of containerd is not installed$/
  },
  {
    rule: 'runtime-handler',
    line: sandboxed(`unable to get OCI runtime for sandbox "${id}": no runtime for "nvidia" is configured`),
    code: 'sandbox-failing',
    text: /^a Pod wants the runtime nvidia/
  },
  {
    rule: 'cni-program-missing',
    line: networked('plugin type="flannel" failed (add): failed to find plugin "flannel" in path [/opt/cni/bin]'),
    code: 'cni-missing',
    text: /^the program flannel of the network plugin is not in \/opt\/cni\/bin$/
  },
  {
    rule: 'cni-program-not-executable',
    line: networked(
      'plugin type="bridge" failed (add): netplugin failed with no error message: fork/exec /opt/cni/bin/bridge: permission denied'
    ),
    code: 'cni-missing',
    text: /^the program \/opt\/cni\/bin\/bridge of the network plugin may not be executed$/
  },
  {
    rule: 'cni-program-of-other-processor',
    line: networked(
      'plugin type="bridge" failed (add): netplugin failed with no error message: fork/exec /opt/cni/bin/bridge: exec format error'
    ),
    code: 'cni-missing',
    text: /^the program \/opt\/cni\/bin\/bridge of the network plugin is for another processor/
  },
  {
    rule: 'cni-versions',
    line: networked(
      'plugin type="bridge" failed (add): incompatible CNI versions: config is "1.1.0", plugin supports ["0.1.0" "0.2.0" "0.3.0" "0.3.1" "0.4.0" "1.0.0"]'
    ),
    code: 'cni-missing',
    text: /older than its configuration: config is "1\.1\.0", plugin supports/
  },
  {
    rule: 'addresses-used-up',
    line: networked(
      'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.6'
    ),
    code: 'pod-cidr-missing',
    text: /^every address of the Pods of this Node is used \(10\.244\.1\.1-10\.244\.1\.6\)$/
  },
  {
    rule: 'bridge-of-other-network',
    line: networked(
      'plugin type="bridge" failed (add): failed to set bridge addr: "cni0" already has an IP address different from 10.244.2.1/24'
    ),
    code: 'plugin-failing',
    text: /^the bridge cni0 has the address of an earlier network, and not 10\.244\.2\.1\/24/
  },
  {
    rule: 'cni-iptables-missing',
    line: networked(
      'plugin type="bridge" failed (add): failed to locate iptables: exec: "iptables": executable file not found in $PATH'
    ),
    code: 'plugin-failing',
    text: /needs the program iptables, which is not installed$/
  },
  {
    rule: 'flannel-waits',
    line: networked(
      'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory'
    ),
    code: 'plugin-starting',
    text: /^flannel has not written \/run\/flannel\/subnet\.env yet/
  },
  {
    rule: 'flannel-without-network',
    line: 'E1127 10:00:00.000000 1 main.go:366] Error registering network: failed to acquire lease: node "worker-1" pod cidr not assigned',
    code: 'pod-cidr-missing',
    text: /^flannel says that the Node worker-1 has no network for its Pods$/
  },
  {
    rule: 'calico-waits',
    line: networked(
      'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/'
    ),
    code: 'plugin-starting',
    text: /^calico has not written/
  },
  {
    rule: 'cilium-waits',
    line: networked(
      'plugin type="cilium-cni" failed (add): unable to connect to Cilium agent: failed to create cilium agent client after 30.000000 seconds timeout: Get "http://localhost/v1/config": dial unix /var/run/cilium/cilium.sock: connect: no such file or directory\nIs the agent running?'
    ),
    code: 'plugin-starting',
    text: /^the agent of cilium on this machine does not answer/
  },
  {
    rule: 'cni-program-failed',
    line: networked(
      'plugin type="bridge" failed (add): failed to create bridge "cni0": could not add "cni0": operation not supported'
    ),
    code: 'plugin-failing',
    text: /the network plugin bridge fails: failed to create bridge "cni0": could not add "cni0"/
  },
  {
    rule: 'cni-list-broken',
    line: cniLoaded(
      'failed to load CNI config list file /etc/cni/net.d/10-x.conflist: error parsing configuration list: unexpected end of JSON input: invalid cni config'
    ),
    code: 'cni-missing',
    text: /^the configuration \/etc\/cni\/net\.d\/10-x\.conflist of the network plugin cannot be used: unexpected end of JSON input$/
  },
  {
    rule: 'cni-list-broken',
    line: cniLoaded(
      'failed to load CNI config list file /etc/cni/net.d/10-x.conflist: error parsing configuration list: no plugins in list: invalid cni config'
    ),
    code: 'cni-missing',
    text: /cannot be used: no plugins in list$/
  },
  {
    rule: 'cni-file-broken',
    line: cniLoaded(
      "failed to load CNI config file /etc/cni/net.d/10-x.conf: error parsing configuration: missing 'type': invalid cni config"
    ),
    code: 'cni-missing',
    text: /^the configuration \/etc\/cni\/net\.d\/10-x\.conf of the network plugin cannot be used: missing 'type'$/
  },
  {
    rule: 'cni-unreadable',
    line: cniLoaded(
      'failed to load CNI config list file /etc/cni/net.d/10-x.conflist: error reading /etc/cni/net.d/10-x.conflist: open /etc/cni/net.d/10-x.conflist: permission denied: invalid cni config'
    ),
    code: 'cni-missing',
    text: /cannot read the configuration \/etc\/cni\/net\.d\/10-x\.conflist/
  },
  {
    rule: 'cni-none',
    line: 'time="2026-11-27T10:34:39.529947895Z" level=warning msg="failed to load cni during init, please check CRI plugin status before setting up network for pods" error="cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config"',
    code: 'cni-missing',
    text: /^there is no configuration of a network plugin in \/etc\/cni\/net\.d/
  },
  {
    rule: 'network-not-ready',
    line: 'E1127 10:36:00.116838    1849 kubelet.go:3117] "Container runtime network not ready" networkReady="NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"',
    code: 'cni-missing',
    text: /^the container runtime has no network for Pods: cni plugin not initialized$/
  },
  // images
  {
    rule: 'pull-denied',
    line: pulled(
      flannel,
      'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials'
    ),
    code: 'plugin-image',
    text: /^the image ghcr\.io\/flannel-io\/flannel:v0\.27\.4 cannot be pulled: the registry has no such repository, or wants a login$/
  },
  {
    rule: 'pull-forbidden',
    line: pulled(
      flannel,
      'unexpected status from HEAD request to https://ghcr.io/v2/flannel-io/flannel/manifests/v0.27.4: 403 Forbidden\ndenied: denied'
    ),
    code: 'plugin-image',
    text: /the registry forbids it$/
  },
  {
    rule: 'pull-limit',
    line: pulled(
      'registry.k8s.io/kube-proxy:v1.37.2',
      'unexpected status from HEAD request to https://registry.k8s.io/v2/kube-proxy/manifests/v1.37.2: 429 Too Many Requests'
    ),
    code: 'pod-image',
    text: /too much was pulled from this address$/
  },
  {
    rule: 'pull-server-error',
    line: pulled(
      flannel,
      'unexpected status from HEAD request to https://ghcr.io/v2/flannel-io/flannel/manifests/v0.27.4: 500 Internal Server Error'
    ),
    code: 'plugin-image',
    text: /the registry answers 500 Internal Server Error$/
  },
  {
    rule: 'pull-name-not-resolved',
    line: pulled(
      flannel,
      'failed to do request: Head "https://ghcr.io/v2/flannel-io/flannel/manifests/v0.27.4": dial tcp: lookup ghcr.io on 10.255.255.53:53: no such host'
    ),
    code: 'plugin-image',
    text: /does not resolve the name ghcr\.io of the registry$/
  },
  {
    rule: 'pull-refused',
    line: pulled(
      flannel,
      'failed to do request: Head "https://ghcr.io/v2/flannel-io/flannel/manifests/v0.27.4": dial tcp 127.0.0.1:5999: connect: connection refused'
    ),
    code: 'plugin-image',
    text: /does not reach the registry at 127\.0\.0\.1:5999: connection refused$/
  },
  {
    rule: 'pull-plain-http',
    line: pulled(
      'registry.k8s.io/kube-proxy:v1.37.2',
      'failed to do request: Head "https://registry.k8s.io/v2/kube-proxy/manifests/v1.37.2": http: server gave HTTP response to HTTPS client'
    ),
    code: 'pod-image',
    text: /speaks HTTP without TLS/
  },
  {
    rule: 'pull-certificate',
    line: pulled(
      flannel,
      'failed to do request: Head "https://ghcr.io/v2/flannel-io/flannel/manifests/v0.27.4": tls: failed to verify certificate: x509: certificate signed by unknown authority'
    ),
    code: 'plugin-image',
    text: /is not accepted: certificate signed by unknown authority$/
  },
  {
    rule: 'pull-late',
    line: pulled(
      flannel,
      'failed to do request: Head "https://ghcr.io/v2/flannel-io/flannel/manifests/v0.27.4": dial tcp 192.0.2.9:443: i/o timeout'
    ),
    code: 'plugin-image',
    text: /the registry does not answer in time$/
  },
  {
    rule: 'pull-platform',
    line: pulled(flannel, 'no match for platform in manifest: not found'),
    code: 'plugin-image',
    text: /is not made for the processor of this machine$/
  },
  {
    rule: 'pull-unknown',
    line: pulled(flannel, `${flannel}: not found`),
    code: 'plugin-image',
    text: /the registry does not have it$/
  },
  {
    rule: 'pull-stands-still',
    line: `time="2026-11-27T10:34:48.386749000Z" level=error msg="cancel pulling image ${flannel} because of no progress in 5m0s"`,
    code: 'plugin-image',
    text: /the registry sent nothing more for 5m0s$/
  },
  {
    rule: 'pull-name-wrong',
    line: synced(
      'kube-system/kube-proxy-7xk2p',
      'failed to "StartContainer" for "kube-proxy" with InvalidImageName: "Failed to apply default image tag \\"BAD NAME\\": couldn\'t parse image name \\"BAD NAME\\": invalid reference format"'
    ),
    code: 'pod-image',
    text: /^the name BAD NAME of an image is no name of an image$/
  },
  {
    rule: 'pull-never',
    line: synced(
      'kube-system/kube-proxy-7xk2p',
      'failed to "StartContainer" for "kube-proxy" with ErrImageNeverPull: "Container image \\"kube-proxy:dev\\" is not present with pull policy of Never"'
    ),
    code: 'pod-image',
    text: /^the image kube-proxy:dev is not on this machine, and its Pod forbids to pull it$/
  },
  {
    rule: 'pull-back-off',
    line: synced(
      'kube-flannel/kube-flannel-ds-4xkzr',
      `failed to "StartContainer" for "install-cni" with ImagePullBackOff: "Back-off pulling image \\"${flannel}\\""`
    ),
    code: 'plugin-image',
    text: /could not be pulled, and the kubelet waits before it tries again$/
  },
  // Pods
  {
    rule: 'crash-loop',
    line: synced(
      'kube-flannel/kube-flannel-ds-4xkzr',
      'failed to "StartContainer" for "kube-flannel" with CrashLoopBackOff: "back-off 40s restarting failed container=kube-flannel pod=kube-flannel-ds-4xkzr_kube-flannel(c0ffee00-7b0a-4a53-8a3f-2f9f4d4f9a10)"'
    ),
    code: 'plugin-failing',
    text: /^the container kube-flannel of the Pod kube-flannel\/kube-flannel-ds-4xkzr ends again and again$/
  },
  {
    rule: 'crash-loop',
    line: synced(
      'kube-system/kube-proxy-7xk2p',
      'failed to "StartContainer" for "kube-proxy" with CrashLoopBackOff: "back-off 5m0s restarting failed container=kube-proxy pod=kube-proxy-7xk2p_kube-system(c0ffee00-7b0a-4a53-8a3f-2f9f4d4f9a10)"'
    ),
    code: 'kube-proxy-failing',
    text: /^the container kube-proxy of the Pod kube-system\/kube-proxy-7xk2p ends again and again$/
  },
  {
    rule: 'container-configuration',
    line: synced(
      'kube-system/coredns-66bc5c9577-4xkzr',
      'failed to "StartContainer" for "coredns" with CreateContainerConfigError: "configmap \\"coredns\\" not found"'
    ),
    code: 'pod-failing',
    text: /^the container coredns of the Pod kube-system\/coredns-66bc5c9577-4xkzr cannot be made: configmap "coredns" not found$/
  },
  {
    rule: 'container-not-started',
    line: synced(
      'kube-system/kube-proxy-7xk2p',
      'failed to "StartContainer" for "kube-proxy" with RunContainerError: "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process"'
    ),
    code: 'kube-proxy-failing',
    text: /cannot be started: failed to create containerd task/
  },
  {
    rule: 'volume-not-mounted',
    line: 'E1127 10:36:00.116838    1849 nestedpendingoperations.go:348] Operation for "{volumeName:kubernetes.io/configmap/c0ffee00-kube-proxy podName:c0ffee00 nodeName:}" failed. No retries permitted until 2026-11-27 10:36:08.116838 +0000 UTC m=+99.1 (durationBeforeRetry 8s). Error: MountVolume.SetUp failed for volume "kube-proxy" (UniqueName: "kubernetes.io/configmap/c0ffee00-kube-proxy") pod "kube-proxy-7xk2p" (UID: "c0ffee00-7b0a-4a53-8a3f-2f9f4d4f9a10") : configmap "kube-proxy" not found',
    code: 'kube-proxy-failing',
    text: /^the volume kube-proxy of the Pod kube-proxy-7xk2p cannot be mounted: configmap "kube-proxy" not found$/
  },
  // the API server
  {
    rule: 'api-name-not-resolved',
    line: registering('dial tcp: lookup api.example.org on 10.0.0.53:53: no such host'),
    code: 'name-not-resolved',
    text: /does not resolve the name api\.example\.org of the API server$/
  },
  {
    rule: 'api-certificate-not-yet',
    line: registering(
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2025-11-27T10:36:00Z is before 2026-11-26T03:17:59Z'
    ),
    code: 'clock-wrong',
    text: /^the clock of this machine is behind/
  },
  {
    rule: 'api-certificate-over',
    line: registering(
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2028-11-27T10:36:00Z is after 2027-11-26T03:17:59Z'
    ),
    code: 'clock-wrong',
    text: /^the clock of this machine is ahead, or the certificate of the API server is over$/
  },
  {
    rule: 'api-other-authority',
    line: registering('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
    code: 'api-unreachable',
    text: /a certificate of another CA than the one in kubelet\.conf$/
  },
  {
    rule: 'api-other-name',
    line: registering(
      'tls: failed to verify certificate: x509: certificate is valid for cp-1, kubernetes, kubernetes.default, not api.example.org'
    ),
    code: 'api-unreachable',
    text: /is not for api\.example\.org, by which the kubelet calls it$/
  },
  {
    rule: 'api-refused',
    line: kubelet(
      'controller.go:145',
      'Failed to ensure lease exists, will retry',
      'Get "https://172.30.0.1:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker-1?timeout=10s": dial tcp 172.30.0.1:6443: connect: connection refused',
      ' interval="200ms"'
    ),
    code: 'api-unreachable',
    text: /^nothing listens at 172\.30\.0\.1:6443/
  },
  {
    rule: 'api-no-route',
    line: registering('dial tcp 172.30.0.1:6443: connect: no route to host'),
    code: 'api-unreachable',
    text: /no way to the API server at 172\.30\.0\.1: no route to host$/
  },
  {
    rule: 'api-silent',
    line: registering('dial tcp 172.30.0.1:6443: i/o timeout'),
    code: 'api-unreachable',
    text: /^the API server at 172\.30\.0\.1:6443 does not answer: a firewall/
  },
  {
    rule: 'api-late',
    line: registering('net/http: TLS handshake timeout'),
    code: 'api-unreachable',
    text: /takes the connection, and does not answer in time$/
  }
]
