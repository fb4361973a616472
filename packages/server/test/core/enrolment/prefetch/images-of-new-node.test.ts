import { noFacts } from '@joinery/protocol'
import t from 'tap'
import { imagesOfNewNode } from '../../../../src/core/enrolment/prefetch/images-of-new-node.ts'
import type { DaemonSetSight } from '../../../../src/core/ports/cluster/node-sight.ts'

const kubeProxy = 'registry.k8s.io/kube-proxy:v1.37.2'
const index = new Map()
const facts = { ...noFacts, arch: 'amd64' }
const worker = { name: 'worker-1', role: 'worker', facts, terms: {} } as const
const everywhere = { key: '', operator: 'Exists', value: '', effect: '' }

const daemonSet = (
  name: string,
  needs: Partial<DaemonSetSight['needs']> = {},
  needsSecret = false
): DaemonSetSight => ({
  namespace: 'kube-system',
  name,
  uid: name,
  needs: { nodeSelector: {}, tolerations: [], hostNetwork: false, ...needs },
  hostPaths: [],
  images: [`registry.example.org/${name}:v1`],
  needsSecret
})
const names = (machine: Parameters<typeof imagesOfNewNode>[0], ...daemonSets: DaemonSetSight[]): string[] =>
  imagesOfNewNode(machine, { kubeProxy, daemonSets, index }).map(({ image }) => image.replace(/^.*\/|:v1$/g, ''))

t.test('without a right to DaemonSets kube-proxy is what every new node runs, if there is one', async (t) => {
  t.same(imagesOfNewNode(worker, { kubeProxy, index }), [{ image: kubeProxy }])
  t.same(imagesOfNewNode(worker, { index }), [])
})

t.test('a machine pulls the images of the DaemonSets that are for its Node, and of no other', async (t) => {
  const all = [
    daemonSet('plugin', { hostNetwork: true, tolerations: [everywhere] }),
    daemonSet('any'),
    daemonSet('windows', { nodeSelector: { 'kubernetes.io/os': 'windows' } }),
    daemonSet('arm', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }),
    daemonSet('gpu', { nodeSelector: { 'example.org/gpu': '' } }),
    daemonSet('control-plane', {
      nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
      tolerations: [everywhere]
    }),
    daemonSet('other', {
      terms: [{ expressions: [], fields: [{ key: 'metadata.name', operator: 'In', values: ['worker-2'] }] }]
    }),
    daemonSet('private', {}, true)
  ]
  t.same(names(worker, ...all), ['plugin', 'any'])
  const gpu = { ...worker, terms: { labels: { 'example.org/gpu': '' } } }
  t.same(names(gpu, ...all), ['plugin', 'any', 'gpu'])
  const dedicated = {
    ...worker,
    terms: { taints: [{ key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }] }
  }
  t.same(names(dedicated, ...all), ['plugin'], 'which tolerates every taint')
  const controlPlane = { ...worker, role: 'control-plane' } as const
  t.same(names(controlPlane, ...all), ['plugin', 'control-plane'])
  t.same(names({ ...worker, name: 'worker-2' }, ...all), ['plugin', 'any', 'other'])
})

t.test('a cluster whose DaemonSets are read needs no guess about kube-proxy', async (t) => {
  t.same(names(worker), [])
})
