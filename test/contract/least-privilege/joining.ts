import { createHash } from 'node:crypto'
import { kubeletSigner } from '@joinery/kube/names'
import type { ApiRequest } from '@joinery/testing/cluster/world/api-client'
import { kubeletUsages } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Bystanders } from './bystanders.ts'
import {
  byPlugin,
  byPolicy,
  csrsPath,
  type Forbidden,
  inNamespace,
  mergePatch,
  rbacPath,
  unauthorized
} from './forbidden.ts'

const nodes = '/api/v1/nodes'
const secrets = inNamespace('kube-system', 'secrets')

const csr = (
  request: string,
  signerName = kubeletSigner,
  usages = kubeletUsages,
  metadata: object = { generateName: 'csr-' }
) => ({
  body: {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata,
    spec: { request: Buffer.from(request).toString('base64'), signerName, usages }
  }
})

/** What nobody may do who joins, whichever credential he got. */
const nobody = ({ secret, worker, csrs }: Bystanders): Forbidden[] => [
  unauthorized('list Pods', 'GET', '/api/v1/pods'),
  unauthorized('run a command in a Pod', 'POST', inNamespace('kube-system', 'pods/any/exec?command=id')),
  unauthorized('read a Secret', 'GET', `${secrets}/${secret}`),
  unauthorized('list Secrets', 'GET', secrets),
  unauthorized('make a Secret', 'POST', secrets),
  unauthorized('list ConfigMaps', 'GET', inNamespace('kube-system', 'configmaps')),
  unauthorized(
    'read another ConfigMap',
    'GET',
    inNamespace('kube-system', 'configmaps/extension-apiserver-authentication')
  ),
  unauthorized('read the ban list', 'GET', inNamespace('joinery-system', 'configmaps/joinery-banned')),
  unauthorized('lift a ban', 'PATCH', inNamespace('joinery-system', 'configmaps/joinery-banned'), mergePatch({})),
  unauthorized(
    "get a token of the server's ServiceAccount",
    'POST',
    inNamespace('joinery-system', 'serviceaccounts/joinery-server/token')
  ),
  unauthorized('approve a request', 'PUT', `${csrsPath}/${csrs.own.metadata.name}/approval`),
  unauthorized('delete a request', 'DELETE', `${csrsPath}/${csrs.own.metadata.name}`),
  unauthorized('delete a Node', 'DELETE', `${nodes}/${worker}`),
  unauthorized("ask a Node's kubelet", 'GET', `${nodes}/${worker}/proxy/pods`),
  unauthorized('give itself a right', 'POST', `${rbacPath}/clusterrolebindings`),
  unauthorized('act as an administrator', 'GET', nodes, { headers: { 'impersonate-user': 'kubernetes-admin' } })
]

/** The holder of a token, whose Secret is called so. */
export const tokenHolder = async (bystanders: Bystanders, own: string): Promise<Forbidden[]> => {
  const { request } = await kubeletRequest(bystanders.worker)
  const asks = byPolicy('joinery-bootstrap-csrs')
  return [
    ...nobody(bystanders),
    unauthorized('read the Secret of its own token', 'GET', `${secrets}/${own}`),
    unauthorized('list Nodes', 'GET', nodes),
    unauthorized('make a Node', 'POST', nodes),
    unauthorized('change a Node', 'PATCH', `${nodes}/${bystanders.worker}`, mergePatch({})),
    asks(
      'ask for a client certificate of the API server',
      'POST',
      csrsPath,
      csr(request, 'kubernetes.io/kube-apiserver-client', ['client auth'])
    ),
    asks(
      "ask for a kubelet's serving certificate",
      'POST',
      csrsPath,
      csr(request, 'kubernetes.io/kubelet-serving', ['digital signature', 'server auth'])
    ),
    asks("ask for a certificate of somebody's own signer", 'POST', csrsPath, csr(request, 'example.org/any')),
    asks('C9: ask with 32 KB', 'POST', csrsPath, csr(`${request}${'\n'.repeat(32_768)}`)),
    ...hostileRequests.map(([what, metadata]) =>
      asks(`C9: make a request ${what}`, 'POST', csrsPath, csr(request, undefined, undefined, metadata))
    )
  ]
}

const uid = '0a1b2c3d-0000-0000-0000-000000000000'
const hostileRequests: readonly [what: string, metadata: object][] = [
  ['that nobody can delete', { generateName: 'csr-', finalizers: ['example.org/keep'] }],
  [
    'that goes with another object',
    { generateName: 'csr-', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'any', uid }] }
  ],
  ['with an annotation of 5 KB', { generateName: 'csr-', annotations: { 'example.org/a': 'a'.repeat(5_000) } }],
  ...[
    'a b;id',
    'q?fieldManager=x',
    'h#ash',
    'a\u001b[2J',
    'a\u202eb',
    '$(id)`"',
    'a:b',
    'a\nb',
    'é',
    'a'.repeat(254)
  ].map((name) => [`called ${JSON.stringify(name).slice(0, 20)}`, { name }] as [string, object]),
  ['whose name begins with blanks', { generateName: 'a b ' }]
]

/** The requests that a kubelet makes, by dry run: with a name that is made, and without rotation by a name of its own. */
export const kubeletRequests = async (node: string): Promise<ApiRequest[]> => {
  const { request } = await kubeletRequest(node)
  const names = [
    { generateName: 'csr-' },
    // as digestedName of k8s.io/kubernetes/pkg/kubelet/certificate/bootstrap makes it: SHA-512 in base64url
    { name: `node-csr-${createHash('sha512').update(request).digest('base64url')}` },
    { name: 'node-csr-A_z-0' },
    { name: 'a'.repeat(253) }
  ]
  return names.map((metadata) => ({
    method: 'POST',
    path: `${csrsPath}?dryRun=All`,
    ...csr(request, undefined, undefined, metadata)
  }))
}

/** The holder of a certificate of ten minutes for this name: a node, which the node authorizer and NodeRestriction know. */
export const certificateHolder = async (bystanders: Bystanders, name: string): Promise<Forbidden[]> => {
  const { worker, controlPlane } = bystanders
  const node = (labels: Record<string, string>, called = name) => ({
    body: { apiVersion: 'v1', kind: 'Node', metadata: { name: called, labels } }
  })
  const { request } = await kubeletRequest(worker)
  const pod = { name: 'any', namespace: 'default' }
  const containers = [{ name: 'any', image: 'registry.k8s.io/pause' }]
  return [
    ...nobody(bystanders),
    byPlugin('can only create a node CSR with CN=')('ask for the certificate of another name', 'POST', csrsPath, {
      ...csr(request)
    }),
    byPlugin('is not allowed to modify node')('make another Node', 'POST', nodes, node({}, `${worker}-other`)),
    byPlugin('is not allowed to modify node')(
      'change another Node',
      'PATCH',
      `${nodes}/${worker}`,
      mergePatch({ spec: { unschedulable: true } })
    ),
    byPlugin('is not allowed to modify node')(
      'say how a control plane is',
      'PATCH',
      `${nodes}/${controlPlane}/status`,
      mergePatch({ status: { phase: 'Terminated' } })
    ),
    byPlugin('is not allowed to set the following labels')(
      'register as a control plane',
      'POST',
      nodes,
      node({ 'node-role.kubernetes.io/control-plane': '' })
    ),
    byPlugin('can only create mirror pods')('make a Pod', 'POST', inNamespace('default', 'pods'), {
      body: { apiVersion: 'v1', kind: 'Pod', metadata: pod, spec: { nodeName: name, containers } }
    }),
    unauthorized(
      'get a token of a ServiceAccount that it runs no Pod of',
      'POST',
      inNamespace('kube-system', 'serviceaccounts/default/token')
    )
  ]
}
