import { Cause, type CauseCode, causesAtMost } from '@joinery/protocol'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { Value } from 'typebox/value'
import { decideCauses } from '../../../src/machine/why/decide-causes.ts'
import type { ApiSeen, ContainerSeen, RuntimeSeen, Seen, UnitSeen } from '../../../src/machine/why/seen.ts'
import { rows } from './lines.ts'

const now = Date.parse('2026-11-27T10:00:00Z')
const day = 86_400_000

const unit = (name: string, changes: Partial<UnitSeen> = {}): UnitSeen => ({
  unit: `${name}.service`,
  load: 'loaded',
  state: 'active',
  result: 'success',
  restarts: 0,
  status: 0,
  upFor: 600_000,
  ...changes
})
const ends = { state: 'auto-restart', result: 'exit-code', restarts: 3, status: 1 }

const runtime = (changes: Partial<RuntimeSeen> = {}): RuntimeSeen => ({
  socket: '/run/containerd/containerd.sock',
  unit: unit('containerd'),
  answer: 'ready',
  problem: '',
  ...changes
})
const stopped = runtime({
  unit: unit('containerd', { state: 'inactive' }),
  answer: 'silent',
  problem: 'connect ECONNREFUSED /run/containerd/containerd.sock'
})

const server = { server: 'https://api.example.org:6443', host: 'api.example.org' }
const answers = (status: number, more: object = {}): ApiSeen => ({ ...server, status, date: now, ...more })
const silent = (code: string, more: object = {}): ApiSeen => ({ ...server, code, problem: `says ${code}`, ...more })

const space = { free: 50e9, total: 100e9, freeInodes: 5e6, totalInodes: 6e6 }
const network = {
  folder: '/etc/cni/net.d',
  file: '/etc/cni/net.d/10-flannel.conflist',
  missing: [],
  binaries: ['/opt/cni/bin']
}
const uninitialized = 'NetworkPluginNotReady: Network plugin returns error: cni plugin not initialized'

const crashing: ContainerSeen = {
  namespace: 'kube-flannel',
  pod: 'kube-flannel-ds-4xkzr',
  name: 'kube-flannel',
  image: 'sha256:0f3f',
  exitCode: 1,
  reason: 'Error',
  lines: ['E1127 main.go:366] failed to get default interface: Unable to find default route']
}
const cutOff = ['E1127 main.go:359] Failed to create SubnetManager: dial tcp 10.96.0.1:443: i/o timeout']
const withoutNetwork =
  'E1127 main.go:366] Error registering network: failed to acquire lease: node "worker-1" pod cidr not assigned'

/** A machine on which all is well, but that its Node is not Ready. */
const machine = (changes: Partial<Seen> = {}): Seen => ({
  node: { ready: false, message: 'KubeletNotReady: something' },
  kubelet: unit('kubelet'),
  runtime: runtime(),
  lines: { kubelet: [], runtime: [] },
  disks: [
    { path: '/', space },
    { path: '/var/lib/kubelet', space }
  ],
  network,
  containers: [],
  certificate: { from: now - 30 * day, until: now + 300 * day },
  api: answers(200),
  now,
  ...changes
})

const line = (rule: string): string => rows.find((row) => row.rule === rule)?.line ?? ''
const kubeletSays = (...names: string[]) => ({ lines: { kubelet: names.map(line), runtime: [] } })

const table: [name: string, changes: Partial<Seen>, codes: CauseCode[], first?: RegExp][] = [
  ['nothing that is known', {}, ['kubelet-says'], /^the Node is not Ready: KubeletNotReady: something$/],
  ['nothing, not even a condition', { node: { ready: false, message: '' } }, []],
  ['a Node that is Ready', { node: { ready: true, message: '' }, runtime: stopped }, []],
  [
    'a Node that is Ready, and a network plugin that crashes on it',
    { node: { ready: true, message: '' }, runtime: stopped, containers: [{ ...crashing, lines: cutOff }] },
    ['kube-proxy-failing', 'plugin-failing']
  ],
  [
    'a network plugin that says that its Node has no network',
    { containers: [{ ...crashing, lines: [withoutNetwork, 'E1127 main.go:1] dial tcp 10.0.0.1:6443: i/o timeout'] }] },
    ['pod-cidr-missing', 'plugin-failing'],
    /^flannel says that the Node worker-1 has no network for its Pods$/
  ],

  [
    'a full disk',
    { disks: [{ path: '/var/lib/kubelet', space: { ...space, free: 4096 } }] },
    ['disk-full'],
    /^the disk of \/var\/lib\/kubelet is full$/
  ],
  [
    'a disk without inodes',
    { disks: [{ path: '/', space: { ...space, freeInodes: 3 } }] },
    ['disk-full'],
    /has no inode left$/
  ],
  [
    'a file system that counts no inodes',
    { disks: [{ path: '/', space: { ...space, freeInodes: 0, totalInodes: 0 } }] },
    ['kubelet-says']
  ],
  [
    'a runtime that was stopped a while after a disk was full, of which the journals still speak',
    { runtime: stopped, lines: { kubelet: [line('evicts-for-disk')], runtime: [line('no-space')] } },
    ['runtime-off']
  ],
  [
    'a disk of which the journals say that it is full, and which has less room than a kubelet keeps free',
    { ...kubeletSays('no-space'), disks: [{ path: '/', space: { ...space, free: 0.1 * space.total } }] },
    ['disk-full']
  ],
  [
    'a disk of which the journals say that it is full, and which has fewer inodes than a kubelet keeps free',
    { ...kubeletSays('no-space'), disks: [{ path: '/', space: { ...space, freeInodes: 0.04 * space.totalInodes } }] },
    ['disk-full']
  ],
  [
    'disks that could not be looked at, of which the journals say that one is full',
    { ...kubeletSays('no-space'), disks: [] },
    ['disk-full']
  ],
  [
    'a file system without a size',
    { disks: [{ path: '/', space: { free: 0, total: 0, freeInodes: 0, totalInodes: 0 } }] },
    ['kubelet-says']
  ],

  [
    'a clock that is ahead',
    { api: answers(200, { date: now - 2 * 3_600_000 }) },
    ['clock-wrong'],
    /2 hours ahead of the API server's$/
  ],
  [
    'a clock that is behind the pairing server',
    { api: silent('ECONNREFUSED'), skew: -day },
    ['clock-wrong', 'api-unreachable'],
    /1 day behind the pairing server's$/
  ],
  ['a clock four minutes ahead', { api: answers(200, { date: now - 240_000 }) }, ['kubelet-says']],
  [
    'a certificate of the API server that is not valid yet by a clock that is behind',
    { api: silent('CERT_NOT_YET_VALID', { date: now + day }) },
    ['clock-wrong'],
    /1 day behind/
  ],
  [
    'the same without a date',
    { api: silent('CERT_NOT_YET_VALID') },
    ['clock-wrong'],
    /behind, or the certificate of the API server/
  ],
  [
    'a certificate of the API server that is over by a clock that is right',
    { api: silent('CERT_HAS_EXPIRED', { date: now }) },
    ['api-unreachable'],
    /^the certificate of the API server is not valid now$/
  ],

  ['containerd stopped', { runtime: stopped }, ['runtime-off'], /^containerd does not run: somebody stopped it$/],
  [
    'containerd that ends again and again',
    { runtime: runtime({ ...stopped, unit: unit('containerd', ends) }) },
    ['runtime-off'],
    /^containerd does not start/
  ],
  [
    'containerd with a broken configuration',
    {
      runtime: runtime({ ...stopped, unit: unit('containerd', ends) }),
      lines: { kubelet: [], runtime: [line('runtime-config-toml')] }
    },
    ['runtime-off'],
    /no TOML/
  ],
  [
    'no runtime at all',
    { runtime: runtime({ unit: unit('containerd', { load: 'not-found', state: 'inactive' }), answer: 'missing' }) },
    ['runtime-off'],
    /^no container runtime is installed/
  ],
  [
    'containerd masked',
    { runtime: runtime({ unit: unit('containerd', { load: 'masked', state: 'inactive' }), answer: 'missing' }) },
    ['runtime-off'],
    /masked/
  ],
  [
    'containerd killed for its memory',
    { runtime: runtime({ unit: unit('containerd', { ...ends, result: 'oom-kill' }), answer: 'silent' }) },
    ['runtime-off'],
    /too little memory$/
  ],
  [
    'a runtime that does not answer in time',
    { runtime: runtime({ answer: 'late' }) },
    ['runtime-off'],
    /^containerd does not answer in time$/
  ],
  [
    'a runtime that is silent, of a unit that is not known',
    { runtime: { socket: '/run/containerd/containerd.sock', answer: 'silent', problem: 'x' } },
    ['runtime-off'],
    /^containerd does not answer$/
  ],
  [
    'a runtime without its CRI',
    { runtime: runtime({ answer: 'without-cri' }) },
    ['runtime-off'],
    /without its CRI service/
  ],
  [
    'a runtime that is not ready',
    { runtime: runtime({ answer: 'not-ready', problem: 'it starts' }) },
    ['runtime-off'],
    /cannot run containers: it starts$/
  ],

  [
    'a kubelet that somebody stopped',
    { kubelet: unit('kubelet', { state: 'inactive' }) },
    ['kubelet-off'],
    /somebody stopped it$/
  ],
  [
    'a kubelet that is not installed',
    { kubelet: unit('kubelet', { load: 'not-found', state: 'inactive' }) },
    ['kubelet-off'],
    /not installed$/
  ],
  [
    'a kubelet that is masked',
    { kubelet: unit('kubelet', { load: 'masked', state: 'inactive' }) },
    ['kubelet-off'],
    /masked/
  ],
  [
    'a kubelet that ends again and again',
    { kubelet: unit('kubelet', ends) },
    ['kubelet-failing'],
    /with exit status 1$/
  ],
  [
    'a kubelet that was killed',
    { kubelet: unit('kubelet', { ...ends, result: 'signal', status: 9 }) },
    ['kubelet-failing'],
    /^the kubelet was killed, or crashed$/
  ],
  [
    'a kubelet that was killed, beside a wrong clock',
    { kubelet: unit('kubelet', { ...ends, result: 'signal' }), skew: day, api: silent('ECONNREFUSED') },
    ['clock-wrong', 'kubelet-failing', 'api-unreachable']
  ],
  [
    'a kubelet that has failed',
    { kubelet: unit('kubelet', { state: 'failed', status: 0 }) },
    ['kubelet-failing'],
    /^the kubelet ends again and again$/
  ],
  [
    'a kubelet that was started again a second ago',
    { kubelet: unit('kubelet', { restarts: 9, upFor: 1000 }) },
    ['kubelet-failing']
  ],
  [
    'a kubelet that was started again an hour ago',
    { kubelet: unit('kubelet', { restarts: 9, upFor: 3_600_000 }) },
    ['kubelet-says']
  ],
  ['a kubelet that starts for the first time', { kubelet: unit('kubelet', { state: 'activating' }) }, ['kubelet-says']],
  [
    'a kubelet that was killed for its memory',
    { kubelet: unit('kubelet', { ...ends, result: 'oom-kill' }) },
    ['memory-short'],
    /the kernel killed the kubelet/
  ],
  [
    'a kubelet that says why it ends',
    { kubelet: unit('kubelet', ends), ...kubeletSays('swap-on') },
    ['kubelet-failing'],
    /swap is on$/
  ],
  ['a kubelet that said why it ended, and runs', kubeletSays('swap-on'), ['kubelet-says']],

  [
    'a kubelet without a certificate',
    { certificate: 'missing', kubelet: unit('kubelet', ends), ...kubeletSays('bootstrap-missing') },
    ['certificate-over'],
    /has no client certificate$/
  ],
  [
    'a file without a certificate',
    { certificate: 'unreadable' },
    ['certificate-over'],
    /file of the client certificate/
  ],
  [
    "a certificate that is over by the API server's clock",
    { certificate: { from: 0, until: now - day }, api: answers(401) },
    ['certificate-over'],
    /ended at 2026-11-26T10:00:00\.000Z$/
  ],
  [
    "a certificate that is over by this machine's clock only",
    { certificate: { from: 0, until: now - day }, api: answers(200, { date: now - 2 * day }) },
    ['clock-wrong']
  ],
  [
    'a certificate that is over, and nobody to ask',
    { certificate: { from: 0, until: now - day }, api: silent('ECONNREFUSED') },
    ['api-unreachable']
  ],
  [
    'a certificate that is not over, and not accepted',
    { api: answers(401) },
    ['certificate-over'],
    /which is not over: it is of another CA/
  ],
  ['a kubelet that is nobody to the API server', { api: answers(403, { anonymous: true }) }, ['certificate-over']],
  ['a kubelet that may not read its Node', { api: answers(403) }, ['kubelet-says']],

  ['a Node that was deleted', { api: answers(404) }, ['node-missing'], /somebody deleted it/],
  ['an API server that is ill', { api: answers(503) }, ['api-unreachable'], /cannot do its work$/],
  ['an API server that is overloaded', { api: answers(429) }, ['api-unreachable']],
  ['a name that is not resolved', { api: silent('ENOTFOUND') }, ['name-not-resolved'], /the name api\.example\.org/],
  ['a DNS server that is silent', { api: silent('EAI_AGAIN') }, ['name-not-resolved']],
  [
    'an API server that refuses',
    { api: silent('ECONNREFUSED') },
    ['api-unreachable'],
    /https:\/\/api\.example\.org:6443 says ECONNREFUSED$/
  ],
  ['a network without a way', { api: silent('ENETUNREACH') }, ['api-unreachable']],
  ['an API server of another CA', { api: silent('UNABLE_TO_VERIFY_LEAF_SIGNATURE') }, ['api-unreachable']],
  ['an API server that could not be asked', { api: undefined as never }, ['kubelet-says']],

  [
    'no configuration of a network plugin',
    { network: { folder: '/etc/cni/net.d', missing: [], binaries: ['/opt/cni/bin'], problem: uninitialized } },
    ['cni-missing'],
    /^there is no configuration of a network plugin in \/etc\/cni\/net\.d/
  ],
  [
    'a configuration that is no JSON',
    { network: { ...network, broken: 'it is no JSON', problem: uninitialized } },
    ['cni-missing'],
    /it is no JSON$/
  ],
  [
    'a program that is missing',
    { network: { ...network, missing: ['flannel', 'portmap'], problem: uninitialized } },
    ['cni-missing'],
    /^the program flannel, portmap of the network plugin/
  ],
  [
    'a network that is not ready for another reason',
    { network: { ...network, problem: 'it starts' } },
    ['cni-missing'],
    /no network for Pods: it starts$/
  ],
  [
    'a network that is ready, with a program of another configuration missing',
    { network: { ...network, missing: ['vlan'] } },
    ['kubelet-says']
  ],
  ['a line about the network that is over', kubeletSays('network-not-ready'), ['kubelet-says']],

  [
    'a network plugin that crashes',
    { containers: [crashing] },
    ['plugin-failing'],
    /^the container kube-flannel of the Pod kube-flannel\/kube-flannel-ds-4xkzr ends/
  ],
  [
    'a network plugin that does not reach the Service of the API server',
    { containers: [{ ...crashing, lines: cutOff }] },
    ['kube-proxy-failing', 'plugin-failing'],
    /does not reach the API server at 10\.96\.0\.1, the address of its Service/
  ],
  [
    'the same, with a kubelet that does not reach the API server either',
    { containers: [{ ...crashing, lines: cutOff }], api: silent('ETIMEDOUT') },
    ['api-unreachable', 'plugin-failing']
  ],
  [
    'the same, at the address at which the kubelet reaches it',
    {
      containers: [{ ...crashing, lines: cutOff }],
      api: answers(200, { server: 'https://10.96.0.1', host: '10.96.0.1' })
    },
    ['plugin-failing']
  ],
  [
    'another of the system that does not reach it',
    {
      containers: [{ ...crashing, lines: cutOff, namespace: 'kube-system', pod: 'dns-1', name: 'dns', image: 'dns' }]
    },
    ['pod-failing']
  ],
  [
    'a network plugin that crashes, in the journal as well',
    { containers: [crashing], ...kubeletSays('crash-loop') },
    ['plugin-failing']
  ],
  [
    'kube-proxy that crashes',
    { containers: [{ ...crashing, namespace: 'kube-system', pod: 'kube-proxy-7xk2p', name: 'kube-proxy' }] },
    ['kube-proxy-failing']
  ],
  [
    'two others of the system',
    { containers: [1, 2].map((n) => ({ ...crashing, namespace: 'kube-system', pod: `dns-${n}`, name: 'dns' })) },
    ['pod-failing', 'pod-failing']
  ],
  [
    'a workload that crashes',
    { containers: [{ ...crashing, namespace: 'shop', pod: 'web', name: 'web' }] },
    ['kubelet-says']
  ],
  [
    'an image of the network plugin',
    { lines: { kubelet: [], runtime: [line('pull-unknown'), line('pull-denied')] } },
    ['plugin-image'],
    /no such repository/
  ],
  [
    'the words of the condition alone',
    {
      node: {
        ready: false,
        message: 'KubeletNotReady: PLEG is not healthy: pleg was last seen active 4m0s ago; threshold is 3m0s'
      },
      runtime: undefined as never
    },
    ['runtime-off'],
    /too slowly/
  ]
]

for (const [name, changes, codes, first] of table) {
  t.test(`${name} is ${codes.join(', ') || 'no cause'}`, async (t) => {
    const causes = decideCauses(machine(changes))
    t.same(
      causes.map(({ code }) => code),
      codes
    )
    if (first !== undefined) t.match(causes[0]?.text, first)
    for (const cause of causes) {
      t.ok(Value.Check(Cause, cause), 'within the limits of the protocol')
      t.ok(cause.remedy.length > 0, 'with a remedy')
    }
  })
}

t.test('each line of a remedy is one command or a comment', async (t) => {
  const causes = table.flatMap(([, changes]) => decideCauses(machine(changes)))
  t.same(wrongRemedyLines(causes.flatMap(({ remedy }) => remedy)), [])
})

t.test('the true cause comes first: what explains the others stands above them', async (t) => {
  const codes = (changes: Partial<Seen>) => decideCauses(machine(changes)).map(({ code }) => code)
  t.same(
    codes({
      runtime: stopped,
      kubelet: unit('kubelet', ends),
      ...kubeletSays('runtime-socket-refused', 'network-not-ready', 'crash-loop')
    }),
    ['runtime-off', 'plugin-failing'],
    'containerd is stopped, and makes errors of the kubelet'
  )
  t.same(
    codes({
      disks: [{ path: '/var', space: { ...space, free: 0 } }],
      runtime: runtime({ ...stopped, unit: unit('containerd', ends) }),
      kubelet: unit('kubelet', ends),
      lines: { kubelet: [line('internal-modules'), line('no-space')], runtime: [line('no-space')] }
    }),
    ['disk-full', 'runtime-off', 'kubelet-failing'],
    'a disk is full, and nothing else runs any more'
  )
  t.same(
    codes({ kubelet: unit('kubelet', { state: 'inactive' }), api: silent('ECONNREFUSED') }),
    ['kubelet-off', 'api-unreachable'],
    'two at once'
  )
  t.same(
    codes({ api: silent('ENOTFOUND'), ...kubeletSays('api-name-not-resolved', 'pull-name-not-resolved') }),
    ['name-not-resolved', 'plugin-image'],
    'a name is not resolved, and no image comes'
  )
})

t.test('a cause has the evidence of all that says the same, once, and no more than is taken', async (t) => {
  const lines = Array.from({ length: 20 }, (_, n) => `mkdir /var/x${n}: no space left on device`)
  const [cause] = decideCauses(
    machine({ disks: [{ path: '/', space: { ...space, free: 0 } }], lines: { kubelet: lines, runtime: lines } })
  )
  t.match(cause, { code: 'disk-full', text: 'the disk of / is full' })
  t.match(cause?.evidence, ['/: no space left', /x19: no space/])
  t.ok((cause?.evidence.length ?? 9) <= 6)
  const many = Array.from({ length: 30 }, (_, n) => ({
    ...crashing,
    namespace: 'kube-system',
    pod: `dns-${n}`,
    name: 'dns'
  }))
  t.equal(decideCauses(machine({ containers: many })).length, causesAtMost)
})

t.test('the last lines of a container are evidence, without its secrets', async (t) => {
  const lines = [
    'starting with token abcdef.0123456789abcdef; Get "https://user:pa55word@registry.example.org/v2/"',
    'password=hunter2hunter2 and Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
    '-----BEGIN RSA PRIVATE KEY-----MIIEow',
    'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0',
    `\u001b[31m${'x'.repeat(600)}`
  ]
  const [cause] = decideCauses(machine({ containers: [{ ...crashing, lines }] }))
  const said = cause?.evidence.join('\n') ?? ''
  t.match(said, /^exit code 1 \(Error\)$/m)
  for (const secret of ['0123456789abcdef', 'hunter2', 'eyJ', 'pa55word', 'MIIEow', 'c2VjcmV0', '\u001b'])
    t.notMatch(said, secret, secret)
  t.match(said, /abcdef\.<secret>/)
  t.ok(cause?.evidence.every((line) => line.length <= 512))
})

t.test('words that only follow the name of a secret are left as they are', async (t) => {
  const lines = ['failed to fetch anonymous token: unexpected status from GET request', 'secret "x" not found']
  const [cause] = decideCauses(machine({ containers: [{ ...crashing, lines }] }))
  t.same(cause?.evidence.slice(1), lines)
})

t.test('the same machine is the same causes, whatever the time and the process of a line', async (t) => {
  const at = (time: string, process: number) =>
    decideCauses(
      machine({
        kubelet: unit('kubelet', ends),
        lines: { kubelet: [line('swap-on').replace('10:34:31', time).replace('24949', String(process))], runtime: [] }
      })
    )
  t.same(at('10:34:31', 24949), at('11:00:02', 31003))
})
