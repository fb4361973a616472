import { type FailureClass, OutcomeRequest } from '@joinery/protocol'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { Value } from 'typebox/value'
import { describeFailure, kubeletKnows, type Traces } from '../../../src/machine/kubeadm/failure.ts'
import { checkRules, errorRules, kubeletRules, resultRules } from '../../../src/machine/kubeadm/failure-rules.ts'

const begun = [
  '[preflight] Running pre-flight checks',
  '\t[WARNING Hostname]: hostname "worker-1" could not be reached'
]
const read = [
  ...begun,
  '[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...',
  // a warning that looks like a refusal and is none
  'W1125 02:43:15.684818    2704 configset.go:77] Warning: No kubeproxy.config.k8s.io/v1alpha1 config is loaded. Continuing without it: configmaps "kube-proxy" is forbidden: User "system:bootstrap:abcdef" cannot get resource "configmaps" in API group "" in the namespace "kube-system"'
]
const discovery =
  "error: error execution phase preflight: couldn't validate the identity of the API Server: Abort reading the cluster-info ConfigMap after timeout of 5m0s: "
const asking = 'Get "https://172.30.0.1:6443/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s": '
const trace = 'To see the stack trace of this error execute with --v=5 or higher'

interface Expected {
  cause: RegExp
  remedy?: RegExp
  traces?: Traces
}

/** As kubeadm prints it: seen on real machines with v1.37.2, or put together from the messages in its source. */
const failures: [string, FailureClass, string[], Expected?][] = [
  [
    'a port where nothing listens',
    'transient',
    [...begun, `${discovery}${asking}dial tcp 172.30.0.1:6444: connect: connection refused`],
    { cause: /^nothing listens at 172\.30\.0\.1:6444$/ }
  ],
  [
    'an address where no machine is',
    'transient',
    [...begun, `${discovery}${asking}dial tcp 172.30.0.99:6443: connect: no route to host`],
    { cause: /^this machine has no way to 172\.30\.0\.99: no route to host$/, remedy: /^ip route get 172\.30\.0\.99$/ }
  ],
  [
    'a firewall that drops',
    'transient',
    [...begun, `${discovery}${asking}dial tcp 172.30.0.1:6443: i/o timeout`],
    { cause: /^172\.30\.0\.1:6443 does not answer: a firewall/ }
  ],
  [
    'a name that is not resolved',
    'transient',
    [...begun, `${discovery}${asking}dial tcp: lookup api.example.org on 10.0.0.53:53: no such host`],
    { cause: /^the name api\.example\.org is not resolved$/, remedy: /^getent hosts api\.example\.org$/m }
  ],
  [
    'a member of another join that never started',
    'cluster',
    [
      ...read,
      'error: error execution phase etcd-join: error creating local etcd static pod manifest file: etcdserver: too many learner members in cluster'
    ],
    { cause: /^etcd already has a new member/, remedy: /etcdctl member list/ }
  ],
  [
    'an etcd that does not start',
    'machine',
    [
      ...read,
      'error: error execution phase etcd-join: error creating local etcd static pod manifest file: the etcd member a0fcb734e7765c40 is not started'
    ],
    { cause: /^the etcd of this machine, member a0fcb734e7765c40, did not start/, remedy: /^journalctl .*etcd$/m }
  ],
  [
    'an etcd that is ill',
    'cluster',
    [...read, 'error: error execution phase check-etcd: etcd cluster is not healthy: failed to dial endpoint'],
    { cause: /so kubeadm adds no member: etcd cluster is not healthy/, remedy: /component=etcd/ }
  ],
  [
    'an API server without its etcd',
    'transient',
    [
      ...read,
      'error: error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: etcdserver: leader changed'
    ],
    { cause: /overloaded, or does not reach its etcd/ }
  ],
  [
    'a token that is not known any more',
    'credential',
    [...begun, `${discovery}Unauthorized`],
    { cause: /the token: it has expired, or was deleted; the next attempt gets another one/ }
  ],
  [
    'a token without the rights that kubeadm needs',
    'credential',
    [
      ...begun,
      'error: error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: configmaps "kubeadm-config" is forbidden: User "system:bootstrap:abcdef" cannot get resource "configmaps" in API group "" in the namespace "kube-system"'
    ],
    { cause: /it cannot get resource "configmaps"/, remedy: /^joinery status$/ }
  ],
  [
    'a CSR that nobody approved',
    'credential',
    [
      ...read,
      'error: error execution phase kubelet-wait-bootstrap: failed while waiting for TLS bootstrap: context deadline exceeded'
    ],
    { cause: /no certificate in time: its request was not made, or was not approved/, remedy: /^kubectl get csr$/m }
  ],
  [
    'another cluster’s CA',
    'cluster',
    [...begun, `${discovery}${asking}tls: failed to verify certificate: x509: certificate signed by unknown authority`],
    { cause: /a certificate of another CA/ }
  ],
  [
    'a clock that is wrong',
    'machine',
    [
      ...begun,
      `${discovery}${asking}tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2016-01-01T00:00:15Z is before 2026-11-25T02:16:22Z`
    ],
    { cause: /^the clock of this machine is behind: it says 2016-01-01T00:00:15Z,/, remedy: /^timedatectl$/m }
  ],
  [
    'a certificate that is over',
    'machine',
    [
      ...begun,
      `${discovery}${asking}tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2036-01-01T00:00:15Z is after 2027-11-25T02:16:22Z`
    ],
    { cause: /clock of this machine is wrong, or the certificate of the API server has expired/ }
  ],
  [
    'a machine that has joined already',
    'machine',
    [
      ...begun,
      '[preflight] Some fatal errors occurred:',
      '\t[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: /etc/kubernetes/kubelet.conf already exists',
      'error: error execution phase preflight: preflight checks failed'
    ],
    {
      cause: /^kubeadm refuses this machine: FileAvailable--etc-kubernetes-kubelet\.conf: /,
      remedy: /^# if .* is over: kubeadm reset$/
    }
  ],
  [
    'swap and a port that is taken',
    'machine',
    [
      ...begun,
      '\t[ERROR Port-10250]: Port 10250 is in use',
      '\t[ERROR Swap]: running with swap on is not supported. Please disable swap',
      'error: error execution phase preflight: preflight checks failed'
    ],
    {
      cause: /Port-10250: Port 10250 is in use; Swap: running with swap/,
      remedy: /^ss -ltnp 'sport = :10250'\nswapoff -a$/m
    }
  ],
  [
    'a program that is missing',
    'machine',
    [...begun, '\t[ERROR FileExisting-conntrack]: conntrack not found in system path'],
    { cause: /conntrack not found/, remedy: /^# install the program conntrack$/ }
  ],
  [
    'a kubelet that is newer than the cluster',
    'machine',
    [
      ...begun,
      '\t[ERROR KubeletVersion]: the kubelet version is higher than the control plane version. Kubelet version: "1.38.0"'
    ],
    { cause: /KubeletVersion: the kubelet version is higher/, remedy: /of the cluster's version$/ }
  ],
  [
    'images that cannot be pulled',
    'transient',
    [...begun, '\t[ERROR ImagePull]: failed to pull image registry.k8s.io/kube-proxy:v1.37.2: dial tcp: i/o timeout'],
    { cause: /ImagePull: failed to pull image/, remedy: /^kubeadm config images pull$/ }
  ],
  [
    'a full disk',
    'machine',
    [
      ...read,
      "error: error execution phase kubelet-start: couldn't save bootstrap-kubelet.conf to disk: write /etc/kubernetes/bootstrap-kubelet.conf: no space left on device"
    ],
    { cause: /^the disk is full$/, remedy: /^df -h / }
  ],
  [
    'a container runtime that does not run',
    'machine',
    [
      ...begun,
      '\t[ERROR CRI]: could not connect to the container runtime: ... dial unix /run/containerd/containerd.sock: connect: connection refused',
      'error: error execution phase preflight: preflight checks failed'
    ],
    { cause: /CRI: could not connect to the container runtime/, remedy: /^systemctl status containerd$/m }
  ],
  [
    'a name that a Ready Node has',
    'cluster',
    [
      ...read,
      'error: error execution phase kubelet-start: a Node with name "worker-1" and status "Ready" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node'
    ],
    { cause: /^the cluster has a Ready Node named worker-1 already/, remedy: /^kubectl get node worker-1/ }
  ],
  [
    'a kubelet that does not run',
    'machine',
    [
      ...read,
      `error: error execution phase kubelet-wait-bootstrap: failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL http://127.0.0.1:10248/healthz' returned error: Get "http://127.0.0.1:10248/healthz": dial tcp 127.0.0.1:10248: connect: connection refused`
    ],
    { cause: /^the kubelet did not become healthy$/, remedy: /^journalctl -u kubelet -n 50$/m }
  ],
  [
    'a cluster that kubeadm did not make',
    'cluster',
    [
      ...begun,
      'error: error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: configmaps "kubeadm-config" not found'
    ],
    { cause: /no ConfigMap kubeadm-config/ }
  ],
  [
    'kubeadm that is too new',
    'machine',
    [
      ...begun,
      'error: this version of kubeadm only supports deploying clusters with the control plane version >= 1.36.0. Current version: v1.34.4'
    ],
    { cause: /kubeadm on this machine is too new: it joins clusters of 1\.36\.0/ }
  ],
  [
    'a configuration that kubeadm refuses',
    'machine',
    ['error: nodeRegistration.name: Invalid value: "bad_name"'],
    { cause: /^nodeRegistration\.name: Invalid value: "bad_name"$/ }
  ],
  ['kubeadm that was ended in the middle', 'transient', read, { cause: /^kubeadm was ended before it was done$/ }],
  ['kubeadm that never spoke', 'transient', [], { cause: /^kubeadm ended before it said anything$/ }],
  ['kubeadm that was killed', 'transient', read, { cause: /^kubeadm was killed$/, traces: { result: 'signal' } }],
  [
    'kubeadm that was killed for want of memory',
    'machine',
    read,
    { cause: /too little memory$/, remedy: /^free -m$/m, traces: { result: 'oom-kill' } }
  ],
  [
    'kubeadm that took too long',
    'transient',
    read,
    { cause: /took longer than its unit allows/, traces: { result: 'timeout' } }
  ]
]

for (const [what, expected, output, { cause = /./, remedy = /^/, traces } = {} as Partial<Expected>] of failures) {
  t.test(`${what} is a failure of class ${expected}`, async (t) => {
    const failure = describeFailure(output.length === 0 ? [] : [...output, trace], traces)
    t.equal(failure.class, expected)
    t.match(failure.cause, cause)
    t.match(failure.remedy?.join('\n'), remedy)
    t.notMatch(JSON.stringify(failure), /\$\d/, 'every group is filled in')
    t.ok(Value.Check(OutcomeRequest, { outcome: 'failed', attempt: 1, ...failure }))
  })
}

const unhealthy = [
  ...read,
  'error: error execution phase kubelet-wait-bootstrap: failed while waiting for the kubelet to start: context deadline exceeded'
]

/** The kubelet's last lines, v1.37. */
const kubeletLogs: [string, string, RegExp, RegExp][] = [
  [
    'swap that is on',
    'E1125 run.go:72] "command failed" err="failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false"',
    /^the kubelet does not start: swap is on$/,
    /^swapoff -a$/m
  ],
  [
    'a port that is taken',
    'E1125 server.go:1] "Failed to start healthz server" err="listen tcp 127.0.0.1:10248: bind: address already in use"',
    /another program holds its port 10248$/,
    /sport = :10248/
  ],
  [
    'two cgroup drivers',
    'E1125 run.go:72] "command failed" err="failed to run Kubelet: misconfiguration: kubelet cgroup driver: \\"systemd\\" is different from docker cgroup driver: \\"cgroupfs\\""',
    /different cgroup drivers$/,
    /SystemdCgroup = true/
  ],
  [
    'a runtime that does not answer',
    'E1125 run.go:72] "command failed" err="failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint \\"unix:///run/containerd/containerd.sock\\": rpc error"',
    /container runtime does not answer$/,
    /^crictl info$/m
  ],
  [
    'a configuration of another version',
    'E1125 run.go:72] "command failed" err="failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: strict decoding error: unknown field"',
    /versions are too far apart$/,
    /^kubelet --version$/m
  ],
  [
    'something that no rule knows',
    'E1125 something else',
    /^the kubelet did not become healthy$/,
    /^systemctl status kubelet$/m
  ]
]
for (const [what, line, cause, remedy] of kubeletLogs) {
  t.test(`a kubelet that is not healthy says why in its own log: ${what}`, async (t) => {
    const failure = describeFailure(unhealthy, { result: 'exit-code', kubelet: [line] })
    t.equal(failure.class, 'machine')
    t.match(failure.cause, cause)
    t.match(failure.remedy?.join('\n'), remedy)
    t.equal(failure.output.at(-1), line.slice(0, 512), 'and is shown')
  })
}

t.test('the agent asks the kubelet only if the kubelet knows more than kubeadm', async (t) => {
  t.ok(kubeletKnows(unhealthy))
  t.notOk(kubeletKnows([...begun, `${discovery}Unauthorized`]))
  t.notOk(kubeletKnows(read))
})

t.test('hostile words stay one line, within the limits of the protocol', async (t) => {
  const failure = describeFailure([`error: ${'$1 \u0007\t'.repeat(400)}`])
  t.notMatch(failure.cause, /[\n\t]/)
  t.ok(Value.Check(OutcomeRequest, { outcome: 'failed', attempt: 1, ...failure }))
})

t.test('a failure has the last stage and the last lines, within the limits of the protocol', async (t) => {
  const long = Array.from({ length: 50 }, (_, line) => `${line} ${'x'.repeat(2000)}`)
  const failure = describeFailure([...read, ...long])
  t.match(failure.stage, /^\[preflight\] Reading configuration/)
  t.equal(failure.output.length, 20)
  t.match(failure.output.at(-1), /^49 x/)
  t.ok(Value.Check(OutcomeRequest, { outcome: 'failed', attempt: 1, ...failure }))
})

t.test('each line of a remedy is one command or a comment', async (t) => {
  const rules = [...errorRules, ...checkRules, ...kubeletRules, ...Object.values(resultRules)]
  t.same(wrongRemedyLines(rules.flatMap(({ remedy }) => remedy)), [])
})

t.test('a text from outside is one quoted word in a command of a remedy', async (t) => {
  const { remedy } = describeFailure([`${discovery}dial tcp: lookup a;reboot'$(id) on 10.0.0.53:53: no such host`])
  t.match(remedy?.[0], /^getent hosts 'a;reboot'\\''\$\(id\)'$/)
})
