import { Cause, type CauseCode, causesAtMost, causeTable } from '@joinery/protocol'
import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { Value } from 'typebox/value'
import { judgeCauses } from '../../../../src/features/diagnosis/why/judge-causes.ts'
import type { Reading, Reported } from '../../../../src/features/diagnosis/why/reading.ts'
import {
  aContainer,
  aDaemonSet,
  ago,
  aPod,
  aReading,
  condition,
  kubeProxy,
  lost,
  notReady,
  now,
  plugin,
  said
} from './a-reading.ts'

interface Row {
  when: string
  reading: Reading
  reported?: Reported
  /** Codes of all causes, the likeliest first. */
  is: CauseCode[]
  text?: RegExp
  /** Words that are in the evidence of the first one. */
  evidence?: RegExp
  remedy?: RegExp
}

const taint = (key: string, effect: 'NoSchedule' | 'NoExecute' = 'NoSchedule') => ({ key, value: '', effect })
const ready = [aPod(plugin), aPod(kubeProxy)]
const pods = (...some: ReturnType<typeof aPod>[]) => ({ renewed: ago(5), pods: some })
const silent = (renewed: Date | undefined, more: Partial<Reading> = {}) =>
  aReading({ node: { conditions: [lost] }, pods: { pods: [], ...(renewed && { renewed }) }, ...more })
const says = (message: string, reason = 'KubeletNotReady') => ({
  conditions: [condition('Ready', 'False', message, reason)]
})

const rows: Row[] = [
  {
    when: 'there is no network plugin in the cluster',
    reading: aReading({ daemonSets: [kubeProxy], pods: pods(aPod(kubeProxy)) }),
    is: ['plugin-missing', 'cni-missing', 'kubelet-says'],
    text: /no network plugin/
  },
  {
    when: 'the network plugin is known by the folder of its programs',
    reading: aReading({
      daemonSets: [aDaemonSet('any', { hostPaths: ['/opt/cni/bin'] })],
      pods: pods(aPod(aDaemonSet('any')))
    }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'the network plugin is known by its name',
    reading: aReading({ daemonSets: [aDaemonSet('cilium')], pods: pods(aPod(aDaemonSet('cilium'))) }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'a DaemonSet mounts a folder that only sounds like that',
    reading: aReading({
      daemonSets: [aDaemonSet('any', { hostPaths: ['/etc/cnix', '/var/opt/cni/bin'] })],
      pods: pods()
    }),
    is: ['plugin-missing', 'cni-missing', 'kubelet-says']
  },
  {
    when: 'the network plugin does not tolerate a taint of the Node',
    reading: aReading({
      node: { taints: [taint('node.cloudprovider.kubernetes.io/uninitialized')] },
      daemonSets: [aDaemonSet('net', { hostPaths: ['/opt/cni/bin'], needs: { tolerations: [] } })],
      pods: pods()
    }),
    is: ['plugin-kept-out', 'cni-missing', 'taint-left', 'kubelet-says'],
    text: /does not tolerate the taint node.cloudprovider.kubernetes.io\/uninitialized:NoSchedule/
  },
  {
    when: 'the image of the network plugin cannot be pulled',
    reading: aReading({
      pods: pods(
        aPod(kubeProxy),
        aPod(plugin, {
          phase: 'Pending',
          isReady: false,
          containers: [
            aContainer({ name: 'init', ready: true }),
            aContainer({
              waiting: { reason: 'ImagePullBackOff', message: 'denied: requested access to the resource is denied' }
            })
          ]
        })
      )
    }),
    is: ['plugin-image', 'cni-missing', 'kubelet-says'],
    text: /registry.example\/net:1 of Pod kube-system\/net-abcde cannot be pulled/,
    evidence: /container main: ImagePullBackOff: denied: requested access/,
    remedy: /^kubectl --namespace kube-system describe pod net-abcde\n# .*crictl pull registry.example\/net:1$/
  },
  {
    when: 'a container of the network plugin crashes',
    reading: aReading({
      pods: pods(
        aPod(kubeProxy),
        aPod(plugin, {
          isReady: false,
          containers: [
            aContainer({
              restarts: 5,
              waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' },
              ended: { exitCode: 137, reason: 'OOMKilled', message: '' }
            })
          ]
        })
      )
    }),
    is: ['plugin-failing', 'cni-missing', 'kubelet-says'],
    text: /exit code 137, OOMKilled/,
    evidence: /5 restarts/,
    remedy: /logs net-abcde --container main --previous/
  },
  {
    when: 'a container of the network plugin has just ended with an error',
    reading: aReading({
      pods: pods(
        aPod(kubeProxy),
        aPod(plugin, {
          isReady: false,
          containers: [aContainer({ ended: { exitCode: 1, reason: 'Error', message: '' } })]
        })
      )
    }),
    is: ['plugin-failing', 'cni-missing', 'kubelet-says']
  },
  {
    when: 'an init container of the network plugin has ended well',
    reading: aReading({
      pods: pods(
        aPod(kubeProxy),
        aPod(plugin, {
          isReady: false,
          containers: [
            aContainer({ name: 'init', ended: { exitCode: 0, reason: 'Completed', message: '' } }),
            aContainer()
          ]
        })
      )
    }),
    is: ['plugin-starting', 'cni-missing', 'kubelet-says'],
    evidence: /Running for 8 min/
  },
  {
    when: 'the Pod of the network plugin was evicted',
    reading: aReading({
      pods: pods(
        aPod(kubeProxy),
        aPod(plugin, { phase: 'Failed', isReady: false, reason: 'Evicted', message: 'low on disk' })
      )
    }),
    is: ['plugin-failing', 'cni-missing', 'kubelet-says'],
    text: /Evicted/,
    evidence: /low on disk/
  },
  {
    when: 'the Pod of the network plugin is missing',
    reading: aReading({ pods: pods(aPod(kubeProxy)) }),
    is: ['plugin-starting', 'cni-missing', 'kubelet-says'],
    text: /no Pod of it is bound to it/
  },
  {
    when: 'its only Pod is on its way out',
    reading: aReading({ pods: pods(aPod(kubeProxy), aPod(plugin, { isLeaving: true })) }),
    is: ['plugin-starting', 'cni-missing', 'kubelet-says']
  },
  {
    when: 'an older Pod failed and the present one runs',
    reading: aReading({
      pods: pods(aPod(kubeProxy), aPod(plugin, { phase: 'Failed', isReady: false, created: ago(900) }), aPod(plugin))
    }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'the Node has just registered, and no Pod was made yet',
    reading: aReading({ node: { created: ago(5) }, pods: pods() }),
    is: ['plugin-starting', 'cni-missing', 'kubelet-says'],
    text: /not there yet/
  },
  {
    when: 'kube-proxy cannot be pulled',
    reading: aReading({
      pods: pods(
        aPod(plugin),
        aPod(kubeProxy, {
          isReady: false,
          containers: [aContainer({ waiting: { reason: 'ErrImagePull', message: 'not found' } })]
        })
      )
    }),
    is: ['kube-proxy-failing', 'cni-missing', 'kubelet-says']
  },
  {
    when: 'kube-proxy does not tolerate a taint',
    reading: aReading({
      node: { taints: [taint('dedicated')] },
      daemonSets: [plugin, aDaemonSet('kube-proxy', { needs: { tolerations: [] } })],
      pods: pods(aPod(plugin))
    }),
    is: ['kube-proxy-failing', 'cni-missing', 'kubelet-says']
  },
  {
    when: 'another DaemonSet waits until the Node is Ready',
    reading: aReading({
      node: { taints: [taint('node.kubernetes.io/not-ready')] },
      daemonSets: [plugin, kubeProxy, aDaemonSet('logs', { needs: { tolerations: [] } })],
      pods: pods(...ready)
    }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'another DaemonSet is for other Nodes',
    reading: aReading({
      daemonSets: [plugin, kubeProxy, aDaemonSet('gpu', { needs: { nodeSelector: { gpu: 'yes' } } })],
      pods: pods(...ready)
    }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'an image of another DaemonSet cannot be pulled',
    reading: aReading({
      daemonSets: [plugin, kubeProxy, aDaemonSet('logs')],
      pods: pods(
        ...ready,
        aPod(aDaemonSet('logs'), {
          isReady: false,
          containers: [aContainer({ waiting: { reason: 'InvalidImageName', message: 'x' } })]
        })
      )
    }),
    is: ['cni-missing', 'pod-image', 'kubelet-says']
  },
  {
    when: 'a Pod of another DaemonSet crashes',
    reading: aReading({
      daemonSets: [plugin, kubeProxy, aDaemonSet('logs')],
      pods: pods(
        ...ready,
        aPod(aDaemonSet('logs'), {
          isReady: false,
          containers: [
            aContainer({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' } })
          ]
        })
      )
    }),
    is: ['cni-missing', 'pod-failing', 'kubelet-says']
  },
  {
    when: 'a Pod of another DaemonSet has begun a minute ago',
    reading: aReading({
      daemonSets: [plugin, kubeProxy, aDaemonSet('logs')],
      pods: pods(...ready, aPod(aDaemonSet('logs'), { isReady: false, created: ago(60) }))
    }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'a disk is full, and the image of the plugin cannot be pulled for that',
    reading: aReading({
      node: {
        conditions: [condition('DiskPressure', 'True', 'kubelet has disk pressure', 'KubeletHasDiskPressure'), notReady]
      },
      pods: pods(
        aPod(kubeProxy),
        aPod(plugin, {
          isReady: false,
          containers: [aContainer({ waiting: { reason: 'ErrImagePull', message: 'no space left on device' } })]
        })
      )
    }),
    is: ['disk-full', 'plugin-image', 'cni-missing', 'kubelet-says'],
    evidence: /KubeletHasDiskPressure/
  },
  {
    when: 'memory is short',
    reading: aReading({ node: { conditions: [condition('MemoryPressure', 'True'), notReady] }, pods: pods(...ready) }),
    is: ['memory-short', 'cni-missing', 'kubelet-says']
  },
  {
    when: 'the container runtime is off',
    reading: aReading({ node: says('[container runtime is down, PLEG is not healthy]'), pods: pods(...ready) }),
    is: ['runtime-off', 'kubelet-says'],
    remedy: /systemctl status containerd/
  },
  {
    when: 'the machine shuts down',
    reading: aReading({ node: says('node is shutting down'), pods: pods(...ready) }),
    is: ['kubelet-off']
  },
  {
    when: 'the kubelet says something that nobody knows',
    reading: aReading({ node: says('CSINode is not yet initialized'), pods: pods(...ready) }),
    is: ['kubelet-says'],
    text: /CSINode is not yet initialized/
  },
  {
    when: 'the kubelet has reported nothing yet',
    reading: aReading({ node: { conditions: [], kubelet: '' }, pods: { pods: [...ready] } }),
    is: ['kubelet-says'],
    text: /reported nothing yet/
  },
  {
    when: 'the name is banned',
    reading: aReading({ banned: 'removed by alice', pods: pods(...ready) }),
    is: ['banned', 'cni-missing', 'kubelet-says'],
    evidence: /worker-1: removed by alice/
  },
  {
    when: 'the kubelet is newer than the API server',
    reading: aReading({ node: { kubelet: 'v1.38.0' }, pods: pods(...ready) }),
    is: ['version-skew', 'cni-missing', 'kubelet-says'],
    text: /newer/
  },
  {
    when: 'the kubelet is four minor versions older',
    reading: aReading({ node: { kubelet: 'v1.33.9' }, pods: pods(...ready) }),
    is: ['version-skew', 'cni-missing', 'kubelet-says'],
    text: /older/
  },
  {
    when: 'the kubelet is three minor versions older',
    reading: aReading({ node: { kubelet: 'v1.34.0' }, pods: pods(...ready) }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'the versions cannot be compared',
    reading: aReading({ node: { kubelet: 'mine' }, pods: pods(...ready) }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'no network was assigned to its Pods, and others have one',
    reading: aReading({ node: { podCidrs: [] }, pods: pods(...ready) }),
    is: ['pod-cidr-missing', 'cni-missing', 'kubelet-says'],
    remedy: /CIDRNotAvailable/
  },
  {
    when: 'nobody assigns networks in this cluster',
    reading: aReading({ node: { podCidrs: [] }, others: [{ name: 'cp-1', podCidrs: [] }], pods: pods(...ready) }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'no network was assigned in the first minute',
    reading: aReading({ node: { podCidrs: [], created: ago(30) }, pods: pods(...ready) }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'its network is part of that of another Node',
    reading: aReading({ others: [{ name: 'worker-2', podCidrs: ['10.244.0.0/16'] }], pods: pods(...ready) }),
    is: ['pod-cidr-missing', 'cni-missing', 'kubelet-says'],
    text: /also that of Node worker-2/
  },
  {
    when: 'its network holds that of another Node',
    reading: aReading({
      node: { podCidrs: ['fd00:1::/48'] },
      others: [{ name: 'worker-2', podCidrs: ['fd00:1:0:7::/64'] }],
      pods: pods(...ready)
    }),
    is: ['pod-cidr-missing', 'cni-missing', 'kubelet-says']
  },
  ...(
    [
      'node.cloudprovider.kubernetes.io/uninitialized',
      'node.cilium.io/agent-not-ready',
      'ebs.csi.aws.com/agent-not-ready',
      'node.kubernetes.io/out-of-service'
    ] as const
  ).map(
    (key): Row => ({
      when: `nobody takes ${key} away`,
      reading: aReading({ node: { taints: [taint(key)] }, pods: pods(...ready) }),
      is: ['cni-missing', 'taint-left', 'kubelet-says']
    })
  ),
  {
    when: 'the taint of a Node without a network is still there',
    reading: aReading({
      node: {
        taints: [taint('node.kubernetes.io/network-unavailable')],
        conditions: [condition('NetworkUnavailable', 'False'), notReady]
      },
      pods: pods(...ready)
    }),
    is: ['cni-missing', 'taint-left', 'kubelet-says']
  },
  ...(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable', 'dedicated'] as const).map(
    (key): Row => ({
      when: `the taint ${key} is there as it should be`,
      reading: aReading({ node: { taints: [taint(key)] }, pods: pods(...ready) }),
      is: ['cni-missing', 'kubelet-says']
    })
  ),
  {
    when: 'a serving certificate waits',
    reading: aReading({
      servingCsrs: [
        { name: 'csr-2', created: ago(61) },
        { name: 'csr-1', created: ago(400) }
      ],
      pods: pods(...ready)
    }),
    is: ['cni-missing', 'serving-certificate-pending', 'kubelet-says']
  },
  {
    when: 'a serving certificate was asked for just now',
    reading: aReading({ servingCsrs: [{ name: 'csr-1', created: ago(30) }], pods: pods(...ready) }),
    is: ['cni-missing', 'kubelet-says']
  },
  {
    when: 'nothing is heard, and nobody knocked',
    reading: silent(ago(90)),
    is: ['machine-silent'],
    text: /^nothing is heard of the machine$/,
    evidence: /Lease worker-1: not renewed for 90 s/
  },
  {
    when: 'nothing is heard, and the machine does not answer',
    reading: silent(ago(90), { knock: { address: '192.0.2.7', answer: 'no-answer' } }),
    is: ['machine-silent'],
    text: /off, or cut off/
  },
  {
    when: 'nothing is heard, and the machine refuses',
    reading: silent(ago(90), { knock: { address: '192.0.2.7', answer: 'refused' } }),
    is: ['kubelet-off'],
    remedy: /systemctl status kubelet/
  },
  {
    when: 'nothing is heard, and a kubelet listens',
    reading: silent(ago(90), { knock: { address: '192.0.2.7', answer: 'open' } }),
    is: ['api-unreachable'],
    text: /the kubelet runs/
  },
  {
    when: 'nothing is heard, and the machine speaks to the pairing server',
    reading: silent(ago(90)),
    reported: said([], ago(60)),
    is: ['api-unreachable'],
    text: /reaches the pairing server/
  },
  {
    when: 'nothing is heard, and the agent waits at the pairing server',
    reading: silent(ago(90), { isPolling: true }),
    is: ['api-unreachable'],
    evidence: /waits at the pairing server now/
  },
  {
    when: 'nothing is heard, and the machine spoke to the pairing server long ago',
    reading: silent(ago(400)),
    reported: said([], ago(121)),
    is: ['machine-silent']
  },
  {
    when: 'nothing is heard, and the certificate ended',
    reading: silent(ago(90), { certificateExpires: ago(100) }),
    is: ['certificate-over', 'machine-silent']
  },
  {
    when: 'the certificate has not ended',
    reading: silent(ago(90), { certificateExpires: ago(-100) }),
    is: ['machine-silent']
  },
  {
    when: 'the kubelet is heard again, and its Pods are still as they were before the silence',
    reading: aReading({
      node: { conditions: [lost] },
      pods: pods(aPod(plugin, { isReady: false }), aPod(kubeProxy, { isReady: false })),
      servingCsrs: [{ name: 'csr-1', created: ago(300) }],
      banned: 'x'
    }),
    is: ['banned', 'kubelet-says']
  },
  {
    when: 'the kubelet is heard again, and nobody knows yet how its Node is',
    reading: aReading({ node: { conditions: [lost] }, pods: pods(aPod(plugin, { isReady: false })) }),
    is: ['kubelet-says'],
    text: /^the kubelet is heard again, and has not said yet/,
    evidence: /^Lease worker-1: renewed at /
  },
  {
    when: 'nothing is heard, and the name is banned',
    reading: silent(ago(90), { banned: 'x' }),
    is: ['banned', 'machine-silent']
  },
  {
    when: 'nothing is heard, and the Pods look as they did before',
    reading: silent(ago(90), { daemonSets: [], pods: { renewed: ago(90), pods: [] } }),
    is: ['machine-silent']
  },
  {
    when: 'the Lease is old, and the control plane has not noticed yet',
    reading: aReading({ pods: { renewed: ago(70), pods: ready } }),
    is: ['machine-silent']
  },
  {
    when: 'there is no right to read the Lease',
    reading: (({ pods: _, daemonSets: __, ...others }) => others)(silent(undefined)),
    is: ['machine-silent'],
    evidence: /Ready Unknown: NodeStatusUnknown/
  },
  {
    when: 'the clock of the machine is ahead',
    reading: aReading({ pods: { renewed: ago(-3600), pods: ready } }),
    is: ['clock-wrong', 'cni-missing', 'kubelet-says'],
    text: /60 min ahead/
  },
  {
    when: 'the clock of the machine is behind',
    reading: aReading({ pods: { renewed: ago(3600), pods: ready } }),
    is: ['clock-wrong', 'cni-missing', 'kubelet-says'],
    text: /60 min behind/
  },
  {
    when: 'the machine says what the cluster cannot see',
    reading: aReading({ pods: pods(...ready) }),
    reported: said(['disk-full', 'cni-missing']),
    is: ['disk-full', 'cni-missing', 'cni-missing', 'kubelet-says'],
    text: new RegExp(`^${causeTable['disk-full']}, as the machine says$`),
    evidence: /disk-full it is\nits evidence/,
    remedy: /^# on the machine, as root: joinery-agent why$/
  },
  {
    when: 'the machine says nothing',
    reading: aReading({ pods: pods(...ready) }),
    reported: said([]),
    is: ['cni-missing', 'kubelet-says']
  }
]

for (const { when, reading, reported, is, text = /./, evidence = /^/, remedy = /^/ } of rows) {
  t.test(`the likeliest cause if ${when}`, async (t) => {
    const { causes } = judgeCauses(reading, now, reported)
    t.same(
      causes.map(({ code }) => code),
      is,
      when,
      { causes }
    )
    const [first] = causes
    t.match(first?.text, text)
    t.match(first?.evidence.join('\n'), evidence)
    t.match(first?.remedy.join('\n'), remedy)
    for (const cause of causes) {
      t.ok(Value.Check(Cause, cause), `${cause.code} fits its schema`)
      t.same(wrongRemedyLines(cause.remedy), [], `${cause.code}: ${cause.remedy.join('; ')}`)
      t.ok(cause.remedy.length > 0 || cause.code === 'kubelet-off', `${cause.code} has a command`)
    }
  })
}

t.test('the table has each cause that the cluster can show', async (t) => {
  const shown = new Set(rows.flatMap(({ reading }) => judgeCauses(reading, now).causes.map(({ code }) => code)))
  // only a machine sees these
  const ofMachines: CauseCode[] = ['kubelet-failing', 'name-not-resolved', 'node-missing', 'sandbox-failing']
  t.same(
    Object.keys(causeTable)
      .filter((code) => !shown.has(code as CauseCode))
      .sort(),
    ofMachines.sort()
  )
})

t.test('a word of the machine that the Lease disproves is no cause, and is said', async (t) => {
  for (const code of ['certificate-over', 'kubelet-off', 'name-not-resolved', 'api-unreachable'] as const) {
    const { causes, unseen } = judgeCauses(aReading({ pods: pods(...ready) }), now, said([code]))
    t.same(
      causes.map(({ code }) => code),
      ['cni-missing', 'kubelet-says'],
      code
    )
    t.match(unseen[0], /^the machine says: .*; but its kubelet renewed the Lease of worker-1 5 s ago$/, code)
  }
  const later = judgeCauses(aReading({ pods: pods(...ready) }), now, said(['kubelet-off'], ago(2)))
  t.match(later.causes[0], { code: 'kubelet-off', from: 'machine' }, 'it said so after the Lease was renewed')
  const stale = judgeCauses(silent(ago(90)), now, said(['kubelet-off'], ago(100)))
  t.match(stale.causes[0], { code: 'kubelet-off', from: 'machine' }, 'the Lease is old')
})

t.test('a machine that says as much as it may hides nothing that the cluster shows', async (t) => {
  const logs = aDaemonSet('logs')
  const reading = aReading({
    banned: 'x',
    node: {
      kubelet: 'v1.38.0',
      podCidrs: [],
      taints: [taint('node.cilium.io/agent-not-ready')],
      conditions: [condition('MemoryPressure', 'True'), notReady]
    },
    daemonSets: [plugin, kubeProxy, logs],
    servingCsrs: [{ name: 'csr-1', created: ago(100) }],
    pods: pods()
  })
  const shown = judgeCauses(reading, now).causes
  t.equal(shown.length, causesAtMost)
  const most = [
    'clock-wrong',
    'disk-full',
    'memory-short',
    'runtime-off',
    'kubelet-failing',
    'cni-missing',
    'pod-image',
    'pod-failing'
  ] as const
  const { causes } = judgeCauses(reading, now, said(most))
  t.equal(causes.length, causesAtMost)
  t.equal(causes[0]?.code, 'banned', 'no word of a machine stands above a ban')
  const kept = causes.filter(({ from }) => from === 'cluster').map(({ code }) => code)
  t.same(
    kept,
    shown.slice(0, causesAtMost - 2).map(({ code }) => code)
  )
})

t.test('texts that others write stay on their line, and are cut', async (t) => {
  const short = 'a\n$ id'
  const hostile = `\u001b[31m${'x'.repeat(2000)}\n$ rm -rf /\u202e`
  const { causes } = judgeCauses(
    aReading({
      node: says(hostile),
      pods: pods(
        aPod(kubeProxy, {
          isReady: false,
          containers: [aContainer({ image: short, waiting: { reason: 'ErrImagePull', message: short } })]
        }),
        aPod(plugin, {
          isReady: false,
          containers: [aContainer({ image: hostile, waiting: { reason: 'ErrImagePull', message: hostile } })]
        })
      )
    }),
    now,
    { at: ago(1).toISOString(), causes: [{ code: 'disk-full', from: 'machine', text: 'x', evidence: [], remedy: [] }] }
  )
  t.ok(causes.length > 2)
  for (const { text, evidence, remedy } of causes) {
    for (const one of [text, ...evidence, ...remedy]) t.match(one, /^[\x20-\x7e]{1,512}$/, one.slice(0, 80))
    t.ok(text.length <= 256)
    for (const one of remedy) t.ok(one.length <= 256)
  }
})
