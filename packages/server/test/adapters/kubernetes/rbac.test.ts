import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kubeletSigner, nodesGroup, workerGroup } from '@joinery/kube/names'
import { startupTaint } from '@joinery/protocol'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import type { Cluster } from '../../../src/core/ports/cluster/cluster.ts'
import { type ApiRequest, serverAuthorizer } from '../../../src/rehearsal/refusals/authorizer.ts'
import { leaseRequests, requestsOf } from '../../../src/rehearsal/refusals/requests.ts'

/** As `NewRequestInfo` of apiserver's endpoints/request reads it. */
const asRequest = (method: string, url: string): ApiRequest => {
  const { pathname, searchParams } = new URL(url, 'https://api')
  const [, api, ...rest] = pathname.split('/')
  if (api !== 'api' && api !== 'apis') return { verb: method.toLowerCase(), path: pathname }
  const group = api === 'api' ? '' : (rest.shift() ?? '')
  rest.shift()
  const namespaced = rest[0] === 'namespaces'
  const [, namespace] = namespaced ? rest.splice(0, 2) : []
  const [resource = '', name, subresource] = rest
  const reading = searchParams.get('watch') === 'true' ? 'watch' : name === undefined ? 'list' : 'get'
  const verb = { GET: reading, POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method] ?? method
  return {
    verb,
    ...(group !== '' && { group }),
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name })
  }
}

const lease = { metadata: { name: 'worker-1', uid: 'l1' } }
const objects: Record<string, object> = {
  nodes: { metadata: { name: 'worker-1', uid: 'u1' }, spec: { taints: [startupTaint] } },
  certificatesigningrequests: {
    metadata: { name: 'csr-1', uid: 'u1' },
    spec: { request: '', signerName: kubeletSigner, username: 'system:bootstrap:aaaaaa', groups: [nodesGroup] }
  },
  configmaps: { data: { ClusterConfiguration: 'controlPlaneEndpoint: 10.0.0.1:6443', 'worker-2': 'banned' } },
  subjectaccessreviews: { status: { allowed: false } }
}

/** The real client, and the requests of one call of it, of which RBAC refuses those that the manifests do not allow. */
const recording = async (t: Test) => {
  const isAllowed = serverAuthorizer('token', { serving: false, diagnosis: true }, () => false)
  const requests: ApiRequest[] = []
  const api = await apiServer(t, ({ method = '', url = '' }, response) => {
    const request = asRequest(method, url)
    requests.push(request)
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (!isAllowed(request)) return answer(403, { message: 'forbidden' })
    if ('path' in request) return answer(200, { gitVersion: 'v1.37.2' })
    if (request.verb === 'list') return answer(200, { items: request.resource === 'leases' ? [lease] : [] })
    answer(200, objects[request.resource] ?? {})
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  const cluster = kubernetesCluster(file)
  return async (call: (cluster: Cluster) => Promise<unknown>): Promise<ApiRequest[]> => {
    await call(cluster)
    return requests.splice(0)
  }
}

const token = {
  id: 'aaaaaa',
  secret: 'a'.repeat(16),
  group: workerGroup,
  expires: new Date('2026-01-01T00:10:00Z'),
  description: ''
}
const object = { name: 'csr-1', uid: 'u1' }
const node = { name: 'worker-1', uid: 'u1' }
const labels = { labels: { rack: '7' }, taints: [] }
/** Those of a banned Node that has a Lease which is not labelled. */
const labelling = [leaseRequests.list, leaseRequests.delete, leaseRequests.create]
const table: [call: keyof typeof requestsOf, by: (cluster: Cluster) => Promise<unknown>, expected: ApiRequest[]][] = [
  ['version', (cluster) => cluster.version(), requestsOf.version()],
  ['imageSight', (cluster) => cluster.imageSight(), requestsOf.imageSight()],
  ['endpoint', (cluster) => cluster.endpoint(), requestsOf.endpoint()],
  ['publishedEndpoint', (cluster) => cluster.publishedEndpoint(), requestsOf.publishedEndpoint()],
  ['apiHosts', (cluster) => cluster.apiHosts(), requestsOf.apiHosts()],
  ['network', (cluster) => cluster.network(), requestsOf.network()],
  ['nameHolder', (cluster) => cluster.nameHolder('worker-1'), requestsOf.nameHolder('worker-1')],
  ['nodePods', (cluster) => cluster.nodePods('worker-1'), requestsOf.nodePods()],
  ['boundPods', (cluster) => cluster.boundPods('worker-1'), requestsOf.boundPods()],
  ['autoApproval', (cluster) => cluster.autoApproval(workerGroup), requestsOf.autoApproval()],
  ['createToken', (cluster) => cluster.createToken(token), requestsOf.createToken()],
  ['deleteToken', (cluster) => cluster.deleteToken('aaaaaa'), requestsOf.deleteToken('aaaaaa')],
  ['kubeletCsrs', (cluster) => cluster.kubeletCsrs(), requestsOf.kubeletCsrs()],
  ['servingCsrs', (cluster) => cluster.servingCsrs(), requestsOf.servingCsrs()],
  ['approveCsr', (cluster) => cluster.approveCsr(object), requestsOf.approveCsr(object)],
  ['denyCsr', (cluster) => cluster.denyCsr(object), requestsOf.denyCsr(object)],
  ['createOwnCsr', (cluster) => cluster.createOwnCsr({ name: 'joinery-1', request: '' }), requestsOf.createOwnCsr()],
  ['ownCsr', (cluster) => cluster.ownCsr('joinery-1'), requestsOf.ownCsr('joinery-1')],
  ['deleteOwnCsr', (cluster) => cluster.deleteOwnCsr('joinery-1'), requestsOf.deleteOwnCsr('joinery-1')],
  ['nodes', (cluster) => cluster.nodes(), requestsOf.nodes()],
  ['nodeSight', (cluster) => cluster.nodeSight('worker-1'), requestsOf.nodeSight('worker-1')],
  ['podSight', (cluster) => cluster.podSight('worker-1'), requestsOf.podSight('worker-1')],
  ['daemonSets', (cluster) => cluster.daemonSets(), requestsOf.daemonSets()],
  ['setLabelsAndTaints', (cluster) => cluster.setLabelsAndTaints(node, labels), requestsOf.setLabelsAndTaints(node)],
  ['removeStartupTaint', (cluster) => cluster.removeStartupTaint(node), requestsOf.removeStartupTaint(node)],
  ['deleteNode', (cluster) => cluster.deleteNode(node), requestsOf.deleteNode(node)],
  ['ban', (cluster) => cluster.ban('worker-1', 'why'), [...requestsOf.ban('worker-1'), leaseRequests.list]],
  ['bans', (cluster) => cluster.bans(), requestsOf.bans()],
  ['unban', (cluster) => cluster.unban('worker-2'), [...requestsOf.unban(), leaseRequests.list, leaseRequests.delete]],
  ['generation', (cluster) => cluster.generation(), requestsOf.generation()],
  ['noteGeneration', (cluster) => cluster.noteGeneration('1', '7'), requestsOf.noteGeneration()],
  [
    'settleBannedLeases',
    (cluster) => cluster.settleBannedLeases([{ name: 'worker-2', uid: 'u2' }], 0),
    [...requestsOf.settleBannedLeases(), ...labelling]
  ]
]

/** Without the names of what is made or deleted one by one, in no order: each kind once. */
const kinds = (requests: readonly ApiRequest[]): string[] =>
  [
    ...new Set(
      requests.map((request) =>
        JSON.stringify(
          'resource' in request && request.resource === 'leases' ? { ...request, name: undefined } : request
        )
      )
    )
  ].sort()

t.test('each call of the rehearsal is judged by the requests that the real client makes', async (t) => {
  const requestsBy = await recording(t)
  for (const [name, call, expected] of table) {
    t.same(kinds(await requestsBy(call)), kinds(expected), name)
  }
})

t.test('a ban that is not there costs one look to lift', async (t) => {
  const requestsBy = await recording(t)
  t.same(await requestsBy((cluster) => cluster.unban('worker-1')), requestsOf.bans())
})

t.test('the table has each call except the watch', async (t) => {
  t.same([...table.map(([name]) => name), 'watch'].sort(), Object.keys(requestsOf).sort())
})

t.test('a server of certificates may not touch a Secret, and only one that approves serving may do that', async (t) => {
  const all = { token: [true, false], certificate: [true, false] } as const
  for (const [credential, settings] of Object.entries(all)) {
    for (const serving of settings) {
      const isAllowed = serverAuthorizer(credential as 'token' | 'certificate', { serving }, () => false)
      for (const request of [...requestsOf.createToken(), ...requestsOf.deleteToken('aaaaaa')])
        t.equal(isAllowed(request), credential === 'token', `${credential}: ${request.verb}`)
      const signer = (name: string): ApiRequest => ({
        verb: 'approve',
        group: 'certificates.k8s.io',
        resource: 'signers',
        name
      })
      t.ok(isAllowed(signer(kubeletSigner)), credential)
      t.equal(isAllowed(signer('kubernetes.io/kubelet-serving')), serving, `${credential}, serving: ${serving}`)
      t.notOk(isAllowed(signer('kubernetes.io/kube-apiserver-client')), credential)
    }
  }
})

t.test('a right to one object gives none to another, to all, or elsewhere', async (t) => {
  const isAllowed = serverAuthorizer('token', { serving: false }, () => false)
  const map = { verb: 'get', resource: 'configmaps', namespace: 'joinery-system', name: 'joinery-banned' }
  t.ok(isAllowed(map))
  const table: [why: string, request: ApiRequest][] = [
    ['another object', { ...map, name: 'other' }],
    ['another namespace', { ...map, namespace: 'kube-system' }],
    ['another verb', { ...map, verb: 'delete' }],
    ['another group', { ...map, group: 'apps' }],
    ['another resource', { ...map, resource: 'secrets' }],
    ['all of them', { verb: 'list', resource: 'configmaps', namespace: 'joinery-system' }],
    ['a subresource', { verb: 'update', resource: 'nodes/status', name: 'worker-1' }],
    [
      'reading a Secret',
      { verb: 'get', resource: 'secrets', namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' }
    ],
    ['a path', { verb: 'get', path: '/metrics' }]
  ]
  for (const [why, request] of table) t.notOk(isAllowed(request), why)
})
