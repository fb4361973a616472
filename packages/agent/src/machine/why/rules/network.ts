import type { WhyRule } from './rule.ts'

const folders = ['find /etc/cni/net.d /opt/cni/bin -ls']
const plugin = '# on a control plane: kubectl get daemonsets --all-namespaces'

/** Meanings of lines about the sandboxes of Pods, and about their network. */
export const networkRules: readonly WhyRule[] = [
  {
    name: 'sandbox-image',
    text: /failed to start sandbox "[^"]*": failed to (?:get sandbox image|pull image|get image) "([^"]+)": (?:failed to pull image "[^"]+": )?(.*)/,
    code: 'sandbox-failing',
    cause: 'no Pod starts: the image of the sandbox, $1, is not here and cannot be pulled',
    remedy: ['crictl pull $1', 'grep -n sandbox /etc/containerd/config.toml'],
    source: 'containerd v2.4.2: internal/cri/server/sandbox_run.go RunPodSandbox, podsandbox/sandbox_run.go Start'
  },
  {
    name: 'cgroup-drivers-differ',
    text: /expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups/,
    code: 'sandbox-failing',
    cause: 'no Pod starts: the kubelet and the container runtime have different cgroup drivers',
    remedy: [
      'grep -n cgroupDriver /var/lib/kubelet/config.yaml',
      'grep -n SystemdCgroup /etc/containerd/config.toml',
      '# set SystemdCgroup = true',
      'systemctl restart containerd kubelet'
    ],
    source: 'runc v1.4: libcontainer/specconv/spec_linux.go CreateCgroupConfig'
  },
  {
    name: 'runc-missing',
    text: /exec: "(\/?[\w./-]*runc)": (?:executable file not found|stat \S+: no such file or directory)/,
    code: 'sandbox-failing',
    cause: 'no Pod starts: the program $1 is not installed',
    remedy: ['# install the package runc', 'systemctl restart containerd'],
    source: 'containerd v2.4.2: cmd/containerd-shim-runc-v2/process/init.go Create, by go-runc'
  },
  {
    name: 'shim-missing',
    text: /runtime "[^"]+" binary not installed "([^"]+)"/,
    code: 'sandbox-failing',
    cause: 'no Pod starts: the program $1 of containerd is not installed',
    remedy: ['# install the package containerd again', 'systemctl restart containerd'],
    source: 'containerd v2.4.2: core/runtime/v2/shim_manager.go resolveRuntimePath'
  },
  {
    name: 'runtime-handler',
    text: /no runtime for "([^"]+)" is configured/,
    code: 'sandbox-failing',
    cause: 'a Pod wants the runtime $1, which containerd on this machine does not have',
    remedy: ['grep -n runtimes /etc/containerd/config.toml', '# on a control plane: kubectl get runtimeclasses'],
    source: 'containerd v2.4.2: internal/cri/config/config.go GetSandboxRuntime'
  },
  {
    name: 'cni-program-missing',
    text: /failed to find plugin "([^"]+)" in path \[([^\]]*)\]/,
    code: 'cni-missing',
    cause: 'the program $1 of the network plugin is not in $2',
    remedy: [...folders, plugin],
    source: 'cni v1.3.1: pkg/invoke/find.go FindInPath'
  },
  {
    name: 'cni-program-not-executable',
    text: /fork\/exec (\S*\/cni\/\S+): permission denied/,
    code: 'cni-missing',
    cause: 'the program $1 of the network plugin may not be executed',
    remedy: ['stat $1', '# make it executable, and see that the file system is not mounted with noexec'],
    source: 'cni v1.3.1: pkg/invoke/raw_exec.go pluginErr'
  },
  {
    name: 'cni-program-of-other-processor',
    text: /fork\/exec (\S*\/cni\/\S+): exec format error/,
    code: 'cni-missing',
    cause: 'the program $1 of the network plugin is for another processor, or was cut off',
    remedy: ['uname -m', 'stat $1', plugin],
    source: 'cni v1.3.1: pkg/invoke/raw_exec.go pluginErr'
  },
  {
    name: 'cni-versions',
    text: /incompatible CNI versions: (config is "[^"]+", plugin supports \[[^\]]*\])/,
    code: 'cni-missing',
    cause: 'the programs of the network plugin are older than its configuration: $1',
    remedy: [...folders, plugin],
    source: 'cni v1.3.1: pkg/version/reconcile.go ErrorIncompatible'
  },
  {
    name: 'addresses-used-up',
    text: /no IP addresses available in range set: (\S+?)"?$|no IP addresses available in range set: ([^\s":]+)/,
    code: 'pod-cidr-missing',
    cause: 'every address of the Pods of this Node is used ($1$2)',
    remedy: ['crictl pods', '# addresses of Pods that are gone lie in /var/lib/cni/networks'],
    source: 'containernetworking/plugins v1.9.1: plugins/ipam/host-local/backend/allocator/allocator.go Get'
  },
  {
    name: 'bridge-of-other-network',
    text: /"([^"\s]+)" already has an IP address different from (\S+)/,
    code: 'plugin-failing',
    cause: 'the bridge $1 has the address of an earlier network, and not $2',
    remedy: ['ip address show dev $1', 'ip link delete $1'],
    source: 'containernetworking/plugins v1.9.1: plugins/main/bridge/bridge.go ensureAddr'
  },
  {
    name: 'cni-iptables-missing',
    text: /failed to locate iptables: exec: "(\w+)": executable file not found/,
    code: 'plugin-failing',
    cause: 'the network plugin needs the program $1, which is not installed',
    remedy: ['# install the package iptables'],
    source: 'containernetworking/plugins v1.9.1: pkg/ip/ipmasq_iptables_linux.go setupIPMasqIPTables'
  },
  {
    name: 'flannel-waits',
    text: /loadFlannelSubnetEnv failed: open (\S+): no such file or directory/,
    code: 'plugin-starting',
    cause: 'flannel has not written $1 yet: its Pod on this machine does not run, or knows no Pod network of the Node',
    remedy: [
      'crictl ps --all --name flannel',
      '# on a control plane: kubectl --namespace kube-flannel get pods -o wide'
    ],
    source: 'flannel-io/cni-plugin v1.7: flannel.go loadFlannelSubnetEnv'
  },
  {
    name: 'flannel-without-network',
    text: /node "([^"]+)" pod cidr not assigned/,
    code: 'pod-cidr-missing',
    cause: 'flannel says that the Node $1 has no network for its Pods',
    remedy: [
      '# on a control plane: kubectl get node $1 -o jsonpath={.spec.podCIDRs}',
      '# if it is empty: --allocate-node-cidrs and --cluster-cidr of kube-controller-manager'
    ],
    source: 'flannel-io/flannel v0.28.10: pkg/subnet/kube/kube.go AcquireLease'
  },
  {
    name: 'calico-waits',
    text: /check that the calico\/node container is running and has mounted/,
    code: 'plugin-starting',
    cause: 'calico has not written /var/lib/calico/nodename yet: its Pod on this machine does not run',
    remedy: [
      'crictl ps --all --name calico-node',
      '# on a control plane: kubectl get pods --all-namespaces -l k8s-app=calico-node -o wide'
    ],
    source: 'projectcalico/calico v3.30: cni-plugin/pkg/plugin/plugin.go cmdAdd'
  },
  {
    name: 'cilium-waits',
    text: /unable to connect to Cilium (?:agent|daemon)/,
    code: 'plugin-starting',
    cause: 'the agent of cilium on this machine does not answer: its Pod does not run',
    remedy: [
      'crictl ps --all --name cilium-agent',
      '# on a control plane: kubectl --namespace kube-system get pods -l k8s-app=cilium -o wide'
    ],
    source: 'cilium/cilium v1.18: plugins/cilium-cni/cmd/cmd.go Add'
  },
  {
    name: 'cni-program-failed',
    text: /plugin type="([^"]+)"(?: name="[^"]+")? failed \(add\): (.*)/,
    code: 'plugin-failing',
    cause: 'no Pod gets a network: the network plugin $1 fails: $2',
    remedy: [...folders, plugin],
    source: 'cni v1.3.1: libcni/api.go AddNetworkList'
  },
  {
    name: 'cni-list-broken',
    text: /failed to load CNI config list file (\S+): error parsing configuration list: (.*?): invalid cni config/,
    code: 'cni-missing',
    cause: 'the configuration $1 of the network plugin cannot be used: $2',
    remedy: ['cat $1', '# correct the file, or have its Pod write it again', plugin],
    source: 'go-cni v1.1.14: opts.go loadFromConfDir, cni v1.3.1: libcni/conf.go NetworkConfFromBytes',
    until: 'network'
  },
  {
    name: 'cni-file-broken',
    text: /failed to load CNI config file (\S+): error parsing configuration: (.*?): invalid cni config/,
    code: 'cni-missing',
    cause: 'the configuration $1 of the network plugin cannot be used: $2',
    remedy: ['cat $1', '# correct the file, or have its Pod write it again', plugin],
    source: 'go-cni v1.1.14: opts.go loadFromConfDir, cni v1.3.1: libcni/conf.go ConfFromBytes',
    until: 'network'
  },
  {
    name: 'cni-unreadable',
    text: /cni config load failed: .*?(?:error reading|failed to read config file:?) (\S+?): (.*?): (?:invalid cni config|failed to read)/,
    code: 'cni-missing',
    cause: 'containerd cannot read the configuration $1 of the network plugin: $2',
    remedy: ['stat $1'],
    source: 'go-cni v1.1.14: opts.go loadFromConfDir, cni v1.3.1: libcni/conf.go ConfListFromFile',
    until: 'network'
  },
  {
    name: 'cni-none',
    text: /no network config found in (\S+): cni plugin not initialized/,
    code: 'cni-missing',
    cause: 'there is no configuration of a network plugin in $1: the Pod of the network plugin has not written it',
    remedy: [...folders, plugin],
    source: 'go-cni v1.1.14: opts.go loadFromConfDir',
    until: 'network'
  },
  {
    name: 'network-not-ready',
    text: /NetworkReady=false reason:\S* message:(?:Network plugin returns error: )?([^"]+)/,
    code: 'cni-missing',
    cause: 'the container runtime has no network for Pods: $1',
    remedy: [...folders, plugin],
    source:
      'kubelet v1.37.2: pkg/kubelet/kubelet.go updateRuntimeUp, containerd v2.4.2: internal/cri/server/status.go Status',
    until: 'network'
  }
]
