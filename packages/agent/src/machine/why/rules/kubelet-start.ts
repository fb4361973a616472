import { paths } from '../../../host/paths.ts'
import type { WhyRule } from './rule.ts'

const version = ['kubelet --version', "# install the kubelet of the cluster's version"]
const config = paths.kubeletConfig

/** Meanings of the last words of a kubelet that ends at its start. */
export const kubeletStartRules: readonly WhyRule[] = [
  {
    name: 'config-missing',
    text: /failed to load kubelet config file, path: (\S+), error: .*: no such file or directory/,
    code: 'kubelet-failing',
    cause:
      'the kubelet has no configuration: there is no $1, so this machine has not joined, or its join was taken back',
    remedy: ['joinery-agent status'],
    source: 'kubelet v1.37.2: cmd/kubelet/app/server.go NewKubeletCommand',
    until: 'kubelet'
  },
  {
    name: 'config-of-other-version',
    text: /no kind "KubeletConfiguration" is registered for version "([^"]+)"/,
    code: 'kubelet-failing',
    cause:
      'the kubelet does not know the version $1 of its configuration: its version and that of the cluster are too far apart',
    remedy: version,
    source: 'kubelet v1.37.2: pkg/kubelet/kubeletconfig/configfiles/configfiles.go Load',
    until: 'kubelet'
  },
  {
    name: 'config-broken',
    text: /failed to load kubelet config file, path: (\S+), error: .*failed to decode: (.*?)"/,
    code: 'kubelet-failing',
    cause: 'the configuration of the kubelet, $1, cannot be read: $2',
    remedy: ['cat $1', '# correct the file', 'systemctl restart kubelet'],
    source: 'kubelet v1.37.2: pkg/kubelet/kubeletconfig/configfiles/configfiles.go Load',
    until: 'kubelet'
  },
  {
    name: 'feature-gate',
    text: /unrecognized feature gate: (\w+)/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not know the feature gate $1: it is of another version, or the name is wrong',
    remedy: [`grep -n $1 ${config}`, ...version],
    source: 'kubelet v1.37.2: k8s.io/component-base/featuregate/feature_gate.go unsafeSetFromMap',
    until: 'kubelet'
  },
  {
    name: 'cgroup-v1',
    text: /configured to not run on a host using cgroup v1/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: this machine has cgroup v1',
    remedy: ['stat -fc %T /sys/fs/cgroup', '# boot with systemd.unified_cgroup_hierarchy=1'],
    source: 'kubelet v1.37.2: pkg/kubelet/apis/config/validation/validation_linux.go',
    until: 'kubelet'
  },
  {
    name: 'config-invalid',
    text: /failed to validate kubelet configuration, error: (.*?), path: /,
    code: 'kubelet-failing',
    cause: 'the kubelet does not accept its configuration: $1',
    remedy: [`cat ${config}`, '# correct the file', 'systemctl restart kubelet'],
    source: 'kubelet v1.37.2: cmd/kubelet/app/server.go NewKubeletCommand',
    until: 'kubelet'
  },
  {
    name: 'unknown-flag',
    text: /failed to parse kubelet flag: unknown flag: (\S+?)"/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not know its argument $1: it is of another version',
    remedy: ['cat /var/lib/kubelet/kubeadm-flags.env /etc/default/kubelet', ...version],
    source: 'kubelet v1.37.2: cmd/kubelet/app/server.go NewKubeletCommand',
    until: 'kubelet'
  },
  {
    name: 'file-missing',
    text: /failed to run Kubelet: open (\S+): no such file or directory/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: there is no $1',
    remedy: ['stat $1', `cat ${config}`],
    source: 'kubelet v1.37.2: cmd/kubelet/app/server.go run',
    until: 'kubelet'
  },
  {
    name: 'swap-on',
    text: /running with swap on is not supported/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: swap is on',
    remedy: ['swapoff -a', "sed -i -E '/^[^#]\\S*\\s+\\S+\\s+swap\\s/s/^/#/' /etc/fstab"],
    source: 'kubelet v1.37.2: pkg/kubelet/cm/container_manager_linux.go NewContainerManager',
    until: 'kubelet'
  },
  {
    name: 'port-taken',
    text: /listen tcp \S*:(\d+): bind: address already in use/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: another program has its TCP port $1',
    remedy: ["ss -ltnp 'sport = :$1'"],
    source: 'kubelet v1.37.2: pkg/kubelet/server/server.go ListenAndServeKubeletServer',
    until: 'kubelet'
  },
  {
    name: 'kernel-flag',
    text: /invalid kernel flag: (\S+), expected value: (\S+), actual value/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: the kernel setting $1 must be $2',
    remedy: [
      '# the kubelet sets it by itself with protectKernelDefaults: false',
      `grep -n protectKernelDefaults ${config}`
    ],
    source: 'kubelet v1.37.2: pkg/kubelet/cm/container_manager_linux.go setupKernelTunables',
    until: 'kubelet'
  },
  {
    name: 'cgroup-missing',
    text: /Following Cgroup subsystem not mounted: \[([^\]]+)\]/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: the kernel has no cgroup controller $1',
    remedy: ['cat /sys/fs/cgroup/cgroup.controllers', '# boot with cgroup_enable=memory cgroup_enable=cpuset'],
    source: 'kubelet v1.37.2: pkg/kubelet/cm/container_manager_linux.go validateSystemRequirements',
    until: 'kubelet'
  },
  {
    name: 'node-ip',
    text: /bad --node-ip "([^"]*)": (.*?)"/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: its argument --node-ip is no address: $1',
    remedy: ['cat /var/lib/kubelet/kubeadm-flags.env /etc/default/kubelet'],
    source: 'kubelet v1.37.2: cmd/kubelet/app/server.go RunKubelet',
    until: 'kubelet'
  },
  {
    name: 'cadvisor',
    text: /"Failed to start cAdvisor" err="(.*?)"/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: it cannot watch the containers of this machine: $1',
    remedy: ['stat -fc %T /sys/fs/cgroup', 'journalctl --unit kubelet --lines 50'],
    source: 'kubelet v1.37.2: pkg/kubelet/kubelet.go initializeRuntimeDependentModules',
    until: 'kubelet'
  },
  {
    name: 'container-manager',
    text: /"Failed to start ContainerManager" err="(.*?)"$/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: it cannot set up the cgroups of Pods: $1',
    remedy: ['stat -fc %T /sys/fs/cgroup', 'journalctl --unit kubelet --lines 50'],
    source: 'kubelet v1.37.2: pkg/kubelet/kubelet.go initializeRuntimeDependentModules',
    until: 'kubelet'
  },
  {
    name: 'internal-modules',
    text: /"Failed to initialize internal modules" err="(.*?)"$/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: $1',
    remedy: ['stat /var/lib/kubelet', 'journalctl --unit kubelet --lines 50'],
    source: 'kubelet v1.37.2: pkg/kubelet/kubelet.go Run',
    until: 'kubelet'
  }
]
