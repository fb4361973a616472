import type { FailureClass } from '@joinery/protocol'

/**
 * The meaning of a text. `cause`: a sentence for a person. `remedy`: lines for root's shell on this machine, as in a
 * check: one command each, or `# words`; none if nobody needs to do anything. `$1` and so on stand for the text's
 * groups.
 */
export interface Rule {
  text: RegExp
  class: FailureClass
  cause: string
  remedy: readonly string[]
  /** The kubelet's own log tells more. */
  askKubelet?: true
}

const clock = ['timedatectl', 'timedatectl set-ntp true'] as const
const noSwapAtBoot = "sed -i -E '/^[^#]\\S*\\s+\\S+\\s+swap\\s/s/^/#/' /etc/fstab"

/**
 * Meanings of kubeadm's last words, v1.34 to v1.37. The class says who can do something about it: nobody needs to
 * (transient), the pairing server (credential), somebody on the machine, or somebody in the cluster. From top to
 * bottom, the first rule that fits counts.
 */
export const errorRules: readonly Rule[] = [
  {
    text: /no space left on device/,
    class: 'machine',
    cause: 'the disk is full',
    remedy: ['df -h /etc /var/lib/kubelet', 'df -i /etc /var/lib/kubelet']
  },
  {
    text: /a Node with name "([^"]+)" and status "Ready" already exists in the cluster/,
    class: 'cluster',
    cause: 'the cluster has a Ready Node named $1 already, which is not this machine',
    remedy: ['kubectl get node $1 -o wide', '# if that machine is gone: kubectl delete node $1']
  },
  {
    text: /x509: certificate has expired or is not yet valid: current time (\S+) is before/,
    class: 'machine',
    cause: 'the clock of this machine is behind: it says $1, and the certificate of the API server is not valid yet',
    remedy: clock
  },
  {
    text: /x509: certificate has expired or is not yet valid/,
    class: 'machine',
    cause: 'the clock of this machine is wrong, or the certificate of the API server has expired',
    remedy: [...clock, '# on a control plane: kubeadm certs check-expiration']
  },
  {
    text: /x509: certificate signed by unknown authority/,
    class: 'cluster',
    cause: 'the API server shows a certificate of another CA than the one that the pairing server gave',
    remedy: ['# on a control plane: openssl x509 -noout -fingerprint -in /etc/kubernetes/pki/ca.crt', 'joinery status']
  },
  {
    text: /x509: ([^\n]+)/,
    class: 'cluster',
    cause: 'the certificate of the API server is not accepted: $1',
    remedy: ['# on a control plane: kubeadm certs check-expiration']
  },
  {
    text: /tls: ([^\n]+)/,
    class: 'cluster',
    cause: 'there is no TLS connection to the API server: $1',
    remedy: ['# on a control plane: kubectl get --raw /livez']
  },
  {
    text: /: Unauthorized|has asked for the client to provide credentials|is invalid for this cluster or it has expired/,
    class: 'credential',
    cause:
      'the API server does not accept the token: it has expired, or was deleted; the next attempt gets another one',
    remedy: []
  },
  {
    text: /is forbidden: User "[^"]*" (cannot [^\n]+)/,
    class: 'credential',
    cause: 'the token does not have the rights that kubeadm needs: it $1',
    remedy: ['joinery status']
  },
  {
    text: /failed while waiting for TLS bootstrap/,
    class: 'credential',
    cause: 'the kubelet got no certificate in time: its request was not made, or was not approved',
    remedy: ['kubectl get csr', 'journalctl -u kubelet -n 50'],
    askKubelet: true
  },
  {
    text: /failed while waiting for the kubelet to start/,
    class: 'machine',
    cause: 'the kubelet did not become healthy',
    remedy: ['systemctl status kubelet', 'journalctl -u kubelet -n 50'],
    askKubelet: true
  },
  {
    text: /configmaps? "([^"]+)" (?:is )?not found/,
    class: 'cluster',
    cause: 'the cluster has no ConfigMap $1 in kube-system: it was not made by kubeadm',
    remedy: ['kubectl --namespace kube-system get configmap $1']
  },
  {
    text: /this version of kubeadm only supports deploying clusters with the control plane version >= ([\d.]+)/,
    class: 'machine',
    cause: 'kubeadm on this machine is too new: it joins clusters of $1 and later',
    remedy: ['kubeadm version -o short', "# install kubelet and kubeadm of the cluster's version"]
  },
  {
    text: /unsupported apiVersion|no kind "KubeletConfiguration"|strict decoding error|unknown field/,
    class: 'machine',
    cause:
      'kubeadm on this machine does not understand the configuration of the cluster: their versions are too far apart',
    remedy: ['kubeadm version -o short', "# install kubelet and kubeadm of the cluster's version"]
  },
  {
    text: /(?:lookup (\S+?)(?: on \S+)?: )(?:no such host|server misbehaving)/,
    class: 'transient',
    cause: 'the name $1 is not resolved',
    remedy: ['getent hosts $1', 'cat /etc/resolv.conf']
  },
  {
    text: /dial tcp (\S+?): connect: connection refused/,
    class: 'transient',
    cause: 'nothing listens at $1',
    remedy: ['# on a control plane: kubectl get --raw /livez']
  },
  {
    text: /dial tcp (?:(\S+):\d+): connect: (no route to host|network is unreachable)/,
    class: 'transient',
    cause: 'this machine has no way to $1: $2',
    remedy: ['ip route get $1']
  },
  {
    text: /dial tcp (\S+?): i\/o timeout/,
    class: 'transient',
    cause: '$1 does not answer: a firewall drops what is sent to it, or it is off',
    remedy: ['ip route', 'nft list ruleset']
  },
  {
    text: /i\/o timeout|TLS handshake timeout|deadline exceeded|timed out|EOF|Client\.Timeout|connection reset/,
    class: 'transient',
    cause: 'the API server did not answer in time',
    remedy: ['# on a control plane: kubectl get --raw /readyz']
  },
  {
    text: /etcdserver: (?:Peer URLs already exists|too many learner members in cluster)/,
    class: 'cluster',
    cause:
      'etcd already has a new member that never started: it belongs to another join, and takes the place of the member of this join',
    remedy: [
      '# on a control plane, in its etcd Pod: etcdctl member list; then etcdctl member remove ID, for the member without a name'
    ]
  },
  {
    text: /the etcd member (\w+) is not started/,
    class: 'machine',
    cause: 'the etcd of this machine, member $1, did not start in time, or reaches no other member',
    remedy: [
      'journalctl --unit kubelet --grep etcd',
      '# the TCP ports 2379 and 2380 must be open between all control planes'
    ]
  },
  {
    text: /execution phase check-etcd: ([^\n]+)/,
    class: 'cluster',
    cause: 'etcd is not healthy on every control plane, so kubeadm adds no member: $1',
    remedy: ['# on each control plane: kubectl --namespace kube-system get pods -l component=etcd -o wide']
  },
  {
    text: /the server is currently unable|too many requests|etcdserver:|an error on the server/,
    class: 'transient',
    cause: 'the API server is overloaded, or does not reach its etcd',
    remedy: ['# on a control plane: kubectl get --raw /readyz?verbose']
  },
  {
    text: /connection refused|no route to host|network is unreachable|no such host|server misbehaving/,
    class: 'transient',
    cause: 'the API server cannot be reached',
    remedy: ['# on a control plane: kubectl get --raw /livez']
  }
]

/** Remedies for the refusals of kubeadm's own checks (`[ERROR Name]: text`), by the name of the check. */
export const checkRules: readonly { name: RegExp; remedy: readonly string[] }[] = [
  { name: /^Swap$/, remedy: ['swapoff -a', noSwapAtBoot] },
  { name: /^Port-(\d+)$/, remedy: ["ss -ltnp 'sport = :$1'"] },
  { name: /^(?:File|Dir)Available-/, remedy: ['# if the cluster that this machine was in is over: kubeadm reset'] },
  { name: /^FileContent-.*bridge-nf-call/, remedy: ['modprobe br_netfilter'] },
  { name: /^FileContent-.*ip_forward/, remedy: ['sysctl -w net.ipv4.ip_forward=1'] },
  { name: /^FileExisting-(.+)$/, remedy: ['# install the program $1'] },
  { name: /^(?:CRI|ContainerRuntimeVersion)$/, remedy: ['systemctl status containerd', 'crictl info'] },
  {
    name: /^(?:KubeletVersion|KubernetesVersion)$/,
    remedy: ["# install kubelet and kubeadm of the cluster's version"]
  },
  { name: /^Service-(.+)$/, remedy: ['systemctl enable --now $1'] },
  { name: /^ImagePull$/, remedy: ['kubeadm config images pull'] },
  { name: /^NumCPU$/, remedy: ['# give the machine two processors or more'] },
  { name: /^Mem$/, remedy: ['# give the machine more memory'] },
  { name: /^SystemVerification$/, remedy: ['uname -r', 'stat -fc %T /sys/fs/cgroup'] }
]

/**
 * Meanings of the kubelet's words before it ends, v1.34 to v1.37. They count for more than what kubeadm sees of the
 * kubelet from outside.
 */
export const kubeletRules: readonly Rule[] = [
  {
    text: /running with swap on is not supported/i,
    class: 'machine',
    cause: 'the kubelet does not start: swap is on',
    remedy: ['swapoff -a', noSwapAtBoot]
  },
  {
    text: /(?:127\.0\.0\.1|\[::\]|0\.0\.0\.0)?:(102\d\d): bind: address already in use/,
    class: 'machine',
    cause: 'the kubelet does not start: another program holds its port $1',
    remedy: ["ss -ltnp 'sport = :$1'"]
  },
  {
    text: /cgroup driver|misconfiguration: kubelet cgroup/i,
    class: 'machine',
    cause: 'the kubelet does not start: the kubelet and the container runtime have different cgroup drivers',
    remedy: ['# set SystemdCgroup = true in /etc/containerd/config.toml', 'systemctl restart containerd']
  },
  {
    text: /configured to not run on a host using cgroup v1/,
    class: 'machine',
    cause: 'the kubelet does not start: this machine has cgroup v1',
    remedy: ['# boot with systemd.unified_cgroup_hierarchy=1']
  },
  {
    text: /validate CRI|container runtime (?:is down|status check)|containerd\.sock: connect/,
    class: 'machine',
    cause: 'the kubelet does not start: the container runtime does not answer',
    remedy: ['systemctl status containerd', 'crictl info']
  },
  {
    text: /failed to load kubelet config file|no kind "KubeletConfiguration"|strict decoding error/,
    class: 'machine',
    cause: 'the kubelet does not understand the configuration of the cluster: their versions are too far apart',
    remedy: ['kubelet --version', "# install the kubelet of the cluster's version"]
  },
  {
    text: /no space left on device/,
    class: 'machine',
    cause: 'the disk is full',
    remedy: ['df -h /etc /var/lib/kubelet', 'df -i /etc /var/lib/kubelet']
  },
  {
    text: /x509: certificate has expired or is not yet valid/,
    class: 'machine',
    cause: 'the clock of this machine is wrong, or the certificate of the API server has expired',
    remedy: clock
  }
]

/** Meanings of systemd's `Result` for the unit, if kubeadm had no time for words of its own. */
export const resultRules: Readonly<Record<string, Omit<Rule, 'text'>>> = {
  'oom-kill': {
    class: 'machine',
    cause: 'the kernel killed kubeadm: the machine has too little memory',
    remedy: ['free -m', 'journalctl -k --grep "Out of memory"']
  },
  timeout: { class: 'transient', cause: 'kubeadm took longer than its unit allows, and was ended', remedy: [] },
  signal: { class: 'transient', cause: 'kubeadm was killed', remedy: [] },
  'core-dump': { class: 'machine', cause: 'kubeadm crashed', remedy: ['coredumpctl info kubeadm'] },
  resources: { class: 'machine', cause: 'systemd could not start kubeadm', remedy: ['systemctl status joinery-join'] }
}
