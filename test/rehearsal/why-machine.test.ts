import type { MachineWorld } from '@joinery/fake-machine'
import type { CauseCode } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { makeReady } from '@joinery/testing/cluster/kubelet-side'
import t, { type Test } from 'tap'
import { openRehearsal } from './open-rehearsal.ts'

const name = 'worker-1'
const cni = '/etc/cni/net.d/10-flannel.conflist'

/** A machine that has joined, with a network plugin, whose Node is not Ready. */
const joined = async (t: Test) => {
  const opened = await openRehearsal(name)
  const { machine, cluster, credential } = opened
  t.teardown(() => machine.powerOff())
  await machine.joining.startJoin(await credential(1))
  await eventually('a request is made and approved', async () => {
    const [csr] = await cluster.kubeletCsrs()
    if (csr === undefined) return undefined
    await cluster.approveCsr(csr)
    return csr
  })
  await eventually('it has joined', async () => (await machine.looking.joinState()).unit === 'succeeded')
  await eventually('the Node is there', async () =>
    /cni plugin/.test((await machine.looking.nodeReadiness(name)).message)
  )
  await machine.files.write(cni, '{"name":"cbr0","plugins":[{"type":"flannel"}]}', 0o644)
  await machine.files.write('/opt/cni/bin/flannel', '', 0o755)
  return opened
}

type Trouble = MachineWorld['trouble']

const kubelet = (place: string, rest: string): string => `E1127 10:36:00.116838    1849 ${place}] ${rest}`
const swap = kubelet(
  'run.go:72',
  '"command failed" err="failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false"'
)
const noRuntime = kubelet(
  'run.go:72',
  '"command failed" err="failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint \\"unix:///run/containerd/containerd.sock\\": rpc error: code = Unavailable desc = connection error: desc = \\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused\\""'
)
const noSpace = kubelet(
  'kubelet.go:1926',
  '"Failed to initialize internal modules" err="mkdir /var/lib/kubelet/pods: no space left on device"'
)
const pull =
  'time="2026-11-27T10:34:49.184134073Z" level=error msg="PullImage \\"ghcr.io/flannel-io/flannel:v0.27.4\\" failed" error="rpc error: code = NotFound desc = failed to pull and unpack image \\"ghcr.io/flannel-io/flannel:v0.27.4\\": failed to resolve image: ghcr.io/flannel-io/flannel:v0.27.4: not found"'
const exhausted =
  'time="2026-11-27T10:34:49.184134073Z" level=error msg="RunPodSandbox for &PodSandboxMetadata{Name:coredns,} failed, error" error="rpc error: code = Unknown desc = failed to setup network for sandbox \\"5f2e\\": plugin type=\\"bridge\\" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.6"'
const banned = kubelet(
  'kubelet_node_status.go:104',
  '"Unable to register node with API server, reason is forbidden" err="nodes \\"worker-1\\" is forbidden: ValidatingAdmissionPolicy \'joinery-ban\' with binding \'joinery-ban\' denied request: this node was removed by Joinery" node="worker-1"'
)
const flannel = {
  namespace: 'kube-flannel',
  pod: 'kube-flannel-ds-4xkzr',
  name: 'kube-flannel',
  image: '',
  exitCode: 1,
  reason: 'Error',
  lines: ['E1127 main.go:359] Failed to create SubnetManager']
}

/** Each makes a fault on a machine on which all else is well. */
const faults: [name: string, fault: (trouble: Trouble) => void, codes: CauseCode[], evidence: RegExp][] = [
  [
    'containerd is stopped, and the kubelet ends without it',
    (trouble) => {
      trouble.units = { containerd: 'stopped', kubelet: 'ends' }
      trouble.journal.kubelet.push(noRuntime)
    },
    ['runtime-off'],
    /containerd\.service: loaded, inactive/
  ],
  [
    'the kubelet is stopped',
    (trouble) => void Object.assign(trouble.units, { kubelet: 'stopped' }),
    ['kubelet-off'],
    /inactive/
  ],
  [
    'the kubelet ends, and says why',
    (trouble) => {
      trouble.units.kubelet = 'ends'
      trouble.journal.kubelet.push(swap)
    },
    ['kubelet-failing'],
    /running with swap on is not supported/
  ],
  [
    'a disk is full, and everything ends',
    (trouble) => {
      trouble.fullDisks.push('/var/lib/kubelet')
      trouble.units = { containerd: 'ends', kubelet: 'ends' }
      trouble.journal.kubelet.push(noRuntime, noSpace)
    },
    ['disk-full', 'runtime-off'],
    /no space left/
  ],
  [
    'the clock is behind',
    (trouble) => void Object.assign(trouble, { apiAhead: 86_400_000 }),
    ['clock-wrong'],
    /this machine says/
  ],
  ['the network plugin crashes', (trouble) => void trouble.containers.push(flannel), ['plugin-failing'], /exit code 1/],
  [
    'the image of the network plugin is unknown',
    (trouble) => void trouble.journal.containerd.push(pull),
    ['plugin-image'],
    /flannel:v0\.27\.4: not found/
  ],
  [
    'no address is left for Pods',
    (trouble) => void trouble.journal.containerd.push(exhausted),
    ['pod-cidr-missing'],
    /10\.244\.1\.1-10\.244\.1\.6/
  ],
  ['the name is banned', (trouble) => void trouble.journal.kubelet.push(banned), ['banned'], /removed by Joinery/],
  [
    'two things at once: a crash, and a clock',
    (trouble) => {
      trouble.containers.push(flannel)
      trouble.apiAhead = -3_600_000
    },
    ['clock-wrong', 'plugin-failing'],
    /this machine says/
  ]
]

t.test('each fault of a machine is named, its true cause first, and is gone when it is taken back', async (t) => {
  const { machine } = await joined(t)
  const well = structuredClone(machine.trouble)
  const causes = async () => (await machine.looking.whyNotReady(name)).causes
  t.match(await causes(), [{ code: 'kubelet-says', text: /cni plugin not initialized/ }], 'nothing is wrong here')
  for (const [fault, make, codes, evidence] of faults) {
    make(machine.trouble)
    const found = await causes()
    t.same(
      found.map(({ code }) => code),
      codes,
      fault
    )
    t.match(found[0]?.evidence.join('\n'), evidence, fault)
    t.ok(found.every(({ remedy }) => remedy.length > 0))
    Object.assign(machine.trouble, structuredClone(well))
    t.match(await causes(), [{ code: 'kubelet-says' }], `${fault}: taken back`)
  }
})

t.test('files that are missing are named, and an API server that is away', async (t) => {
  const { machine, cluster } = await joined(t)
  const first = async () => (await machine.looking.whyNotReady(name)).causes[0]
  await machine.files.write(cni, '{"name":', 0o644)
  t.match(await first(), { code: 'cni-missing', text: /is no JSON$/ })
  await machine.files.remove(cni)
  t.match(await first(), { code: 'cni-missing', text: /^there is no configuration of a network plugin/ })
  await machine.files.remove('/opt/cni/bin/flannel')
  await cluster.goDown()
  t.match(await first(), { code: 'api-unreachable' })
  await cluster.comeBack()
  await machine.files.remove('/var/lib/kubelet/pki/kubelet-client-current.pem')
  const { causes, unseen } = await machine.looking.whyNotReady(name)
  t.match(causes[0], { code: 'certificate-over', text: 'the kubelet has no client certificate' })
  t.match(unseen, [/^the API server: there is no/])
})

t.test('a Node that is Ready has no cause but containers of the system that fail on it', async (t) => {
  const { machine, cluster } = await joined(t)
  await makeReady(cluster, name)
  const well = { readiness: { ready: true }, unseen: { length: 0 } }
  t.match(await machine.looking.whyNotReady(name), { ...well, causes: { length: 0 } })
  machine.trouble.containers.push(flannel)
  t.match(await machine.looking.whyNotReady(name), { ...well, causes: [{ code: 'plugin-failing' }] })
})
