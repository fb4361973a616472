import { controlPlaneLines, stageLines } from '@joinery/fake-machine'
import { ProgressRequest, progressOf } from '@joinery/protocol'
import t from 'tap'
import { Value } from 'typebox/value'
import { endedBeforeEtcd, phases, stages } from '../../src/journal/stages.ts'

// kubeadm v1.37.2, a worker
const joined = `[preflight] Running pre-flight checks
	[WARNING Hostname]: hostname "worker-1" could not be reached
W1125 02:29:37.583514    1202 file.go:102] [discovery] Could not access the cluster-info ConfigMap for refreshing the cluster-info information, but the TLS cert is valid so proceeding...
[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...
[preflight] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.
[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/instance-config.yaml"
[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"
[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"
[kubelet-start] Writing kubelet environment file with flags to file "/var/lib/kubelet/kubeadm-flags.env"
[kubelet-start] Starting the kubelet
[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s
[kubelet-check] The kubelet is healthy after 1.002345678s
[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap

This node has joined the cluster:
* Certificate signing request was sent to apiserver and a response was received.`.split('\n')

t.test('only kubeadm’s own words are stages of a worker’s join', async (t) => {
  t.same(stages(joined), [
    '[preflight] Running pre-flight checks',
    '[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...',
    '[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/instance-config.yaml"',
    '[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"',
    '[kubelet-start] Starting the kubelet',
    '[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s',
    '[kubelet-check] The kubelet is healthy after 1.002345678s',
    '[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap',
    'This node has joined the cluster:'
  ])
})

t.test('a stage that was seen stays while kubeadm goes on', async (t) => {
  for (let length = 0; length < joined.length; length++) {
    const before = stages(joined.slice(0, length))
    t.same(stages(joined.slice(0, length + 1)).slice(0, before.length), before, `${length}`)
  }
})

t.test('a stage keeps to the protocol', async (t) => {
  const [stage = ''] = stages([`[preflight] Running pre-flight checks${'x'.repeat(5000)}`])
  t.ok(Value.Check(ProgressRequest, { attempt: 1, stage }))
})

const after = (line: RegExp): string[] => joined.slice(0, joined.findIndex((text) => line.test(text)) + 1)
const [first, second, third] = ['preflight', 'kubelet-start', 'kubelet-wait-bootstrap'] as const
const phased: [string, RegExp, [string, boolean][]][] = [
  ['kubeadm’s checks', /Running pre-flight/, [[first, false]]],
  ['its configuration', /re-upload/, [[first, false]]],
  [
    'the kubelet’s configuration',
    /instance-config/,
    [
      [first, true],
      [second, false]
    ]
  ],
  [
    'the start of the kubelet',
    /Starting the kubelet/,
    [
      [first, true],
      [second, false]
    ]
  ],
  [
    'the wait for the kubelet',
    /healthy kubelet/,
    [
      [first, true],
      [second, true],
      [third, false]
    ]
  ],
  [
    'the wait for the certificate',
    /TLS Bootstrap/,
    [
      [first, true],
      [second, true],
      [third, false]
    ]
  ],
  [
    'the end',
    /has joined/,
    [
      [first, true],
      [second, true],
      [third, true]
    ]
  ]
]
for (const [what, line, expected] of phased) {
  t.test(`at ${what} these phases have begun and ended`, async (t) => {
    t.same(
      phases(after(line)).map(({ name, ended }) => [name, ended]),
      expected
    )
  })
}

t.test('a phase has its last stage line', async (t) => {
  t.same(phases([]), [])
  t.match(
    phases(joined).map(({ stage }) => stage),
    [/^\[preflight\] Reading/, /^\[kubelet-start\] Starting/, /TLS Bootstrap$/]
  )
})

t.test('a control plane has its own phases, in kubeadm’s order', async (t) => {
  t.same(
    phases(Object.values(controlPlaneLines).flat()).map(({ name, ended }) => [name, ended]),
    [
      'preflight',
      'control-plane-prepare',
      'check-etcd',
      'kubelet-start',
      'etcd-join',
      'kubelet-wait-bootstrap',
      'mark-control-plane',
      'wait-control-plane'
    ].map((name) => [name, true])
  )
})

t.test('progress counts up to the stages of the role', async (t) => {
  for (const [role, lines, of] of [
    ['worker', stageLines, 8],
    ['control-plane', controlPlaneLines, 20]
  ] as const) {
    const done = stages(Object.values(lines).flat()).map((stage) => progressOf(stage, role).done)
    t.same(
      done,
      [...done].sort((one, other) => one - other),
      role
    )
    t.equal(done[0], 1, role)
    t.same(progressOf('This node has joined the cluster:', role), { done: of, of }, role)
    t.same(progressOf(undefined, role), { done: 0, of }, role)
  }
})

t.test('only kubeadm’s own error says that kubeadm asked etcd for nothing', async (t) => {
  const says = (line: string) => endedBeforeEtcd(['[preflight] Running pre-flight checks', line])
  t.ok(says('error: error execution phase preflight: [preflight] Some fatal errors occurred:'))
  t.ok(says('error: error execution phase control-plane-prepare/certs: no space left on device'))
  t.ok(says('error: error execution phase check-etcd: context deadline exceeded'))
  for (const phase of ['kubelet-start', 'etcd-join', 'kubelet-wait-bootstrap', 'wait-control-plane', 'preflights']) {
    t.notOk(says(`error: error execution phase ${phase}: failed`), phase)
  }
  t.notOk(endedBeforeEtcd([]), 'a kubeadm that was killed says nothing')
})
