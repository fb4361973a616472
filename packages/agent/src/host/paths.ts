/** The paths of a Debian-like machine with kubeadm. `Files` puts its root before every one of them. */
export const paths = {
  osRelease: '/etc/os-release',
  machineId: '/etc/machine-id',
  productUuid: '/sys/class/dmi/id/product_uuid',
  productSerial: '/sys/class/dmi/id/product_serial',
  netDevices: '/sys/class/net',
  ipv4Routes: '/proc/net/route',
  ipv6Routes: '/proc/net/ipv6_route',
  environment: '/etc/environment',
  ufwConfig: '/etc/ufw/ufw.conf',

  cniConfigurations: '/etc/cni/net.d',

  hostname: '/proc/sys/kernel/hostname',
  hosts: '/etc/hosts',
  kernelRelease: '/proc/sys/kernel/osrelease',
  modules: '/proc/modules',
  cgroupControllers: '/sys/fs/cgroup/cgroup.controllers',
  swaps: '/proc/swaps',
  memory: '/proc/meminfo',
  processors: '/sys/devices/system/cpu/online',
  fstab: '/etc/fstab',
  filesystems: '/proc/filesystems',
  sysctls: '/proc/sys',
  modulesFile: '/etc/modules-load.d/joinery.conf',
  /** The last file of all that a machine comes with: the value that is read last counts. */
  sysctlsFile: '/etc/sysctl.d/99-zz-joinery.conf',
  /** Changes that this agent made on the machine, a file for each. */
  changes: '/var/lib/joinery-agent/changes',

  selinuxEnforce: '/sys/fs/selinux/enforce',
  selinuxConfig: '/etc/selinux/config',
  appArmorEnabled: '/sys/module/apparmor/parameters/enabled',
  timeSynchronized: '/run/systemd/timesync/synchronized',
  ipvs: '/proc/net/ip_vs',

  containerdConfig: '/etc/containerd/config.toml',
  kubeletDefaults: '/etc/default/kubelet',
  bootstrapConf: '/etc/kubernetes/bootstrap-kubelet.conf',
  kubeletConf: '/etc/kubernetes/kubelet.conf',
  adminConf: '/etc/kubernetes/admin.conf',
  /** Folder of the control plane's keys: those that all of a cluster share, and those that kubeadm makes from them. */
  pki: '/etc/kubernetes/pki',
  clusterAuthority: '/etc/kubernetes/pki/ca.crt',
  clusterAuthorityKey: '/etc/kubernetes/pki/ca.key',
  apiServerManifest: '/etc/kubernetes/manifests/kube-apiserver.yaml',
  etcdAuthority: '/etc/kubernetes/pki/etcd/ca.crt',
  etcdAuthorityKey: '/etc/kubernetes/pki/etcd/ca.key',
  etcdClient: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  etcdClientKey: '/etc/kubernetes/pki/apiserver-etcd-client.key',
  staticPods: '/etc/kubernetes/manifests',
  etcdManifest: '/etc/kubernetes/manifests/etcd.yaml',
  etcdData: '/var/lib/etcd',
  kubeletConfig: '/var/lib/kubelet/config.yaml',
  kubeletCertificate: '/var/lib/kubelet/pki/kubelet-client-current.pem'
} as const

/** systemd units: the first three are the package's own and static, the last one is Kubernetes' package's. */
export const units = {
  join: 'joinery-join.service',
  reset: 'joinery-reset.service',
  mend: 'joinery-mend.service',
  kubelet: 'kubelet.service',
  containerd: 'containerd.service'
} as const
