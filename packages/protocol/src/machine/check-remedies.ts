import type { Check } from './machine.ts'

/**
 * Remedies of each preflight check, good on any machine. They are lines like those of a check's own `remedy`, and
 * have none of a machine's words.
 */
export const checkRemedies: Readonly<Record<string, readonly string[]>> = {
  root: ['systemctl restart joinery-agent'],
  'kubelet-installed': [
    '# install kubelet of the version of the cluster: joinery-agent preflight on the machine says how'
  ],
  'kubeadm-installed': [
    '# install kubeadm of the version of the cluster: joinery-agent preflight on the machine says how'
  ],
  'kubectl-installed': [
    '# install kubectl of the version of the cluster: joinery-agent preflight on the machine says how'
  ],
  programs: ['# install the programs that the machine lacks'],
  'version-skew': ['# install kubelet and kubeadm of the version of the cluster'],
  'kubelet-service': ['systemctl unmask kubelet', 'systemctl enable kubelet'],
  swap: ['swapoff -a', '# and comment the swap out in /etc/fstab'],
  'kernel-modules': ['modprobe -a overlay br_netfilter', '# and name both in a file below /etc/modules-load.d'],
  sysctls: [
    '# set net.ipv4.ip_forward and net.bridge.bridge-nf-call-iptables to 1 in a file below /etc/sysctl.d',
    'sysctl --system'
  ],
  kernel: ['# boot a kernel of the distribution that has the missing options'],
  'kube-proxy': ['# boot a kernel that supports the mode of kube-proxy; if the mode is nftables, also install nft'],
  cgroups: ['# switch cgroup v2 and its controllers on in the kernel command line, then reboot'],
  'container-runtime': ['systemctl status containerd', 'journalctl -u containerd'],
  'cgroup-driver': ['# set SystemdCgroup = true in /etc/containerd/config.toml', 'systemctl restart containerd'],
  'user-namespaces': [
    '# give the user kubelet one range in /etc/subuid and the same in /etc/subgid, or remove the user'
  ],
  'sandbox-image': ['# in /etc/containerd/config.toml, name a pause image that the machine can pull'],
  hostname: ['hostnamectl'],
  'name-lookup': ['# add the name of the machine to /etc/hosts, or switch LLMNR off in systemd-resolved'],
  'machine-identity': ['rm -f /etc/machine-id /var/lib/dbus/machine-id', 'systemd-machine-id-setup', '# then reboot'],
  'disk-space': ['df -h'],
  'open-files': ['# raise fs.inotify.max_user_instances and max_user_watches in a file below /etc/sysctl.d'],
  'security-modules': ['# install the tools of AppArmor, or the policy of SELinux for containers'],
  'time-service': ['timedatectl status', '# install and enable systemd-timesyncd or chrony'],
  'ports-free': ['ss -ltnp', '# stop the program that listens on a port that the kubelet needs'],
  'earlier-join': ['# if the cluster that the machine belonged to is given up: kubeadm reset'],
  leftovers: ['# if the cluster that the machine belonged to is given up: kubeadm reset'],
  'clock-skew': ['timedatectl status'],
  'api-endpoint': ['# let the machine come to the API server: firewalls, routes, and apiEndpoint in agent.yaml'],
  'pairing-server': ['# let the machine come to the pairing server: firewalls, routes, and server in agent.yaml'],
  'control-planes': ['# let the machine come to each control plane on the port of the API server'],
  'node-ip': ['# set nodeIp in /etc/joinery/agent.yaml to the address that the Node gets'],
  'network-overlap': ['# give the network of the machine, or that of Pods or Services, another range'],
  proxy: ['# add the addresses of cluster and Pods to NO_PROXY'],
  mtu: ['# if the network carries it, give the links an MTU of 1500'],
  firewall: ['# let the control plane come to the ports that the check names'],
  reachability: ['# let the control plane come to the ports that the check names'],
  'control-plane-size': ['# give the machine 2 processors and 1700 MiB of memory at least'],
  'control-plane-leftovers': ['# if its cluster is given up, or has removed its member of etcd: kubeadm reset'],
  'fixed-address': ['# give the machine a fixed address'],
  'control-plane-endpoint': ['# let the machine come to the endpoint of the control planes'],
  'etcd-members': ['# let the machine come to each member of etcd on TCP ports 2379 and 2380']
}

/** The check by which the server itself judges a machine. No machine has a say in it. */
export const serverCheck = 'unique-machine'

/**
 * Names of checks, for a sentence of ours. A machine may call a check anything, so checks that nobody knows are only
 * counted.
 */
export const checkNames = (checks: readonly Pick<Check, 'name'>[]): string => {
  const known = checks
    .map(({ name }) => name)
    .filter((name) => name === serverCheck || Object.hasOwn(checkRemedies, name))
  const others = checks.length - known.length
  const counted = others === 1 ? 'one check that is not known here' : `${others} checks that are not known here`
  return [...known, ...(others === 0 ? [] : [counted])].join(', ')
}
