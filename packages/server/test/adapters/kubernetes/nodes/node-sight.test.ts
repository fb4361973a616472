import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import { daemonSetsAtMost } from '../../../../src/core/ports/cluster/node-sight.ts'

/** The real client of an API server that answers each path with an object, and 404 for all others. */
const clusterWith = async (t: Test, objects: Record<string, object>) => {
  const asked: string[] = []
  const api = await apiServer(t, ({ url = '' }, response) => {
    asked.push(url)
    const object = objects[url.split('?')[0] ?? '']
    response
      .writeHead(object === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(object ?? { message: 'not found' }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return { cluster: kubernetesCluster(file), asked }
}

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const owner = (kind: string) => [{ apiVersion: 'apps/v1', kind, name: 'net', uid: 'd1', controller: true }]
const pod = (name: string, kind: string, more: object = {}) => ({
  metadata: { namespace: 'kube-system', name, uid: name, ownerReferences: owner(kind), ...more }
})

t.test('the Node is read with its conditions, taints and networks', async (t) => {
  const { cluster } = await clusterWith(t, {
    '/api/v1/nodes/worker-1': {
      metadata: { name: 'worker-1', uid: 'n1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { rack: '7' } },
      spec: {
        podCIDR: '10.244.1.0/24',
        taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule', timeAdded: '2026-01-01T00:00:05Z' }]
      },
      status: {
        nodeInfo: { kubeletVersion: 'v1.37.2' },
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            lastTransitionTime: '2026-01-01T00:00:01Z',
            lastHeartbeatTime: '2026-01-01T00:00:09Z'
          }
        ]
      }
    }
  })
  t.same(await cluster.nodeSight('worker-1'), {
    uid: 'n1',
    created: new Date('2026-01-01T00:00:00Z'),
    labels: { rack: '7' },
    kubelet: 'v1.37.2',
    podCidrs: ['10.244.1.0/24'],
    taints: [
      { key: 'node.kubernetes.io/not-ready', value: '', effect: 'NoSchedule', added: new Date('2026-01-01T00:00:05Z') }
    ],
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: '',
        message: '',
        since: new Date('2026-01-01T00:00:01Z'),
        written: new Date('2026-01-01T00:00:09Z')
      }
    ]
  })
  t.equal(await cluster.nodeSight('worker-2'), undefined)
})

t.test('a Node with more conditions than anybody reads is cut', async (t) => {
  const conditions = Array.from({ length: 1000 }, (_, index) => ({ type: `C${index}`, status: 'True' }))
  const { cluster } = await clusterWith(t, { '/api/v1/nodes/worker-1': { status: { conditions } } })
  t.equal((await cluster.nodeSight('worker-1'))?.conditions.length, 50)
})

t.test('only Pods of DaemonSets are read, of one Node, on one page', async (t) => {
  const { cluster, asked } = await clusterWith(t, {
    '/api/v1/pods': {
      items: [
        pod('web', 'ReplicaSet'),
        {
          ...pod('net-1', 'DaemonSet', { deletionTimestamp: '2026-01-01T00:00:00Z' }),
          status: {
            phase: 'Running',
            reason: 'Evicted',
            conditions: [{ type: 'Ready', status: 'True' }],
            initContainerStatuses: [
              { name: 'init', image: 'i', ready: true, restartCount: 0, state: { terminated: { exitCode: 0 } } }
            ],
            containerStatuses: [
              {
                name: 'main',
                image: 'm'.repeat(1000),
                ready: false,
                restartCount: 3,
                state: { waiting: { reason: 'CrashLoopBackOff' } },
                lastState: {
                  terminated: { exitCode: 2, reason: 'Error', message: 'panic', finishedAt: '2026-01-01T00:00:00Z' }
                }
              }
            ]
          }
        },
        pod('net-2', 'DaemonSet')
      ]
    }
  })
  const { pods, renewed } = await cluster.podSight('worker-1')
  t.equal(renewed, undefined, 'there is no Lease')
  t.match(pods, [
    {
      name: 'net-1',
      owner: 'd1',
      phase: 'Running',
      reason: 'Evicted',
      isLeaving: true,
      isReady: true,
      containers: [
        { name: 'init', ended: { exitCode: 0, reason: '', message: '' } },
        {
          name: 'main',
          restarts: 3,
          waiting: { reason: 'CrashLoopBackOff', message: '' },
          ended: { exitCode: 2, reason: 'Error', message: 'panic', at: new Date('2026-01-01T00:00:00Z') }
        }
      ]
    },
    { name: 'net-2', phase: 'Unknown', isReady: false, isLeaving: false, containers: { length: 0 } }
  ])
  t.equal(pods.length, 2)
  t.equal(pods[0]?.containers[1]?.image.length, 512)
  t.same(asked.sort(), ['/api/v1/pods?fieldSelector=spec.nodeName%3Dworker-1&limit=200', `${leases}/worker-1`])
})

t.test('a Lease shows its time, unless the server itself has labelled it', async (t) => {
  const lease = { spec: { renewTime: '2026-01-01T00:00:07.123456Z' } }
  const { cluster } = await clusterWith(t, {
    '/api/v1/pods': { items: [] },
    [`${leases}/worker-1`]: lease,
    [`${leases}/worker-2`]: { ...lease, metadata: { labels: { 'joinery.dev/banned': '' } } },
    [`${leases}/worker-3`]: { spec: {} }
  })
  t.equal((await cluster.podSight('worker-1')).renewed?.toISOString(), '2026-01-01T00:00:07.123Z')
  t.equal((await cluster.podSight('worker-2')).renewed, undefined)
  t.equal((await cluster.podSight('worker-3')).renewed, undefined, 'nobody has renewed it yet')
})

t.test('a DaemonSet is read with all that decides where it runs', async (t) => {
  const required = {
    nodeSelectorTerms: [
      {
        matchExpressions: [{ key: 'rack', operator: 'In', values: ['7'] }],
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['worker-1'] }]
      },
      {}
    ]
  }
  const spec = {
    nodeSelector: { os: 'linux' },
    hostNetwork: true,
    nodeName: 'worker-1',
    tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'x', effect: 'NoSchedule' }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
    volumes: [
      { name: 'a', hostPath: { path: '/etc/cni/net.d' } },
      { name: 'b', emptyDir: {} }
    ],
    initContainers: [{ image: 'registry.example.org/first:1' }],
    containers: [{ image: 'registry.example.org/net:1' }, { image: 'local', imagePullPolicy: 'Never' }],
    imagePullSecrets: [{ name: 'registry' }]
  }
  const made = { metadata: { namespace: 'kube-system', name: 'net', uid: 'd1' }, spec: { template: { spec } } }
  const bare = { metadata: { namespace: 'x', name: 'bare', uid: 'd2' }, spec: { template: {} } }
  const { cluster } = await clusterWith(t, { '/apis/apps/v1/daemonsets': { items: [made, bare] } })
  t.same(await cluster.daemonSets(), [
    {
      namespace: 'kube-system',
      name: 'net',
      uid: 'd1',
      hostPaths: ['/etc/cni/net.d'],
      needs: {
        nodeSelector: { os: 'linux' },
        hostNetwork: true,
        nodeName: 'worker-1',
        tolerations: [
          { key: '', operator: 'Exists', value: '', effect: '' },
          { key: 'a', operator: 'Equal', value: 'x', effect: 'NoSchedule' }
        ],
        terms: [
          {
            expressions: [{ key: 'rack', operator: 'In', values: ['7'] }],
            fields: [{ key: 'metadata.name', operator: 'In', values: ['worker-1'] }]
          },
          { expressions: [], fields: [] }
        ]
      },
      images: ['registry.example.org/first:1', 'registry.example.org/net:1'],
      needsSecret: true
    },
    {
      namespace: 'x',
      name: 'bare',
      uid: 'd2',
      hostPaths: [],
      needs: { nodeSelector: {}, tolerations: [], hostNetwork: false },
      images: [],
      needsSecret: false
    }
  ])
  const many = Array.from({ length: daemonSetsAtMost + 1 }, () => made)
  const { cluster: crowded } = await clusterWith(t, { '/apis/apps/v1/daemonsets': { items: many } })
  t.equal((await crowded.daemonSets()).length, daemonSetsAtMost)
})
