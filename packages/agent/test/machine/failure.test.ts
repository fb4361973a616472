import { type FailureClass, OutcomeRequest } from '@joinery/protocol'
import t from 'tap'
import { Value } from 'typebox/value'
import { describeFailure } from '../../src/machine/kubeadm/failure.ts'

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

/** What kubeadm v1.37.2 printed on real machines. */
const failures: [string, FailureClass, string[]][] = [
  [
    'a port where nothing listens',
    'transient',
    [...begun, `${discovery}${asking}dial tcp 172.30.0.1:6444: connect: connection refused`]
  ],
  [
    'an address where no machine is',
    'transient',
    [...begun, `${discovery}${asking}dial tcp 172.30.0.99:6443: connect: no route to host`]
  ],
  ['a firewall that drops', 'transient', [...begun, `${discovery}${asking}dial tcp 172.30.0.1:6443: i/o timeout`]],
  ['a token that is not known any more', 'credential', [...begun, `${discovery}Unauthorized`]],
  [
    'a CSR that nobody approved',
    'credential',
    [
      ...read,
      'error: error execution phase kubelet-wait-bootstrap: failed while waiting for TLS bootstrap: context deadline exceeded'
    ]
  ],
  [
    'another cluster’s CA',
    'cluster',
    [...begun, `${discovery}${asking}tls: failed to verify certificate: x509: certificate signed by unknown authority`]
  ],
  [
    'a clock that is wrong',
    'machine',
    [
      ...begun,
      `${discovery}${asking}tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2016-01-01T00:00:15Z is before 2026-11-25T02:16:22Z`
    ]
  ],
  [
    'a machine that has joined already',
    'machine',
    [
      ...begun,
      '[preflight] Some fatal errors occurred:',
      '\t[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: /etc/kubernetes/kubelet.conf already exists',
      'error: error execution phase preflight: preflight checks failed'
    ]
  ],
  [
    'a container runtime that does not run',
    'machine',
    [
      ...begun,
      '\t[ERROR CRI]: could not connect to the container runtime: ... dial unix /run/containerd/containerd.sock: connect: connection refused',
      'error: error execution phase preflight: preflight checks failed'
    ]
  ],
  [
    'a name that a Ready Node has',
    'cluster',
    [
      ...read,
      'error: error execution phase kubelet-start: a Node with name "worker-1" and status "Ready" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node'
    ]
  ],
  [
    'a kubelet that does not run',
    'machine',
    [
      ...read,
      `error: error execution phase kubelet-wait-bootstrap: failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL http://127.0.0.1:10248/healthz' returned error: Get "http://127.0.0.1:10248/healthz": dial tcp 127.0.0.1:10248: connect: connection refused`
    ]
  ],
  ['a configuration that kubeadm refuses', 'machine', ['error: nodeRegistration.name: Invalid value: "bad_name"']],
  ['kubeadm that was ended in the middle', 'transient', read],
  ['kubeadm that never spoke', 'transient', []]
]

for (const [what, expected, output] of failures) {
  t.test(`${what} is ${expected}`, async (t) => {
    const failure = describeFailure([...output, trace])
    t.equal(failure.class, expected)
    t.ok(Value.Check(OutcomeRequest, { outcome: 'failed', attempt: 1, ...failure }))
  })
}

t.test('the last stage and the last lines are told, within the protocol’s limits', async (t) => {
  const long = Array.from({ length: 50 }, (_, line) => `${line} ${'x'.repeat(2000)}`)
  const failure = describeFailure([...read, ...long])
  t.match(failure.stage, /^\[preflight\] Reading configuration/)
  t.equal(failure.output.length, 20)
  t.match(failure.output.at(-1), /^49 x/)
  t.ok(Value.Check(OutcomeRequest, { outcome: 'failed', attempt: 1, ...failure }))
})
