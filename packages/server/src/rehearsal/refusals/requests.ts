import type { Policy } from '@joinery/kube/names'
import { banList, leaseNamespace, namespace, serviceAccount } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { secretName } from '../../adapters/kubernetes/tokens.ts'
import type { Cluster } from '../../core/ports/cluster/cluster.ts'
import type { ApiRequest } from './authorizer.ts'

const csr = (verb: string, name?: string): ApiRequest => ({
  verb,
  group: 'certificates.k8s.io',
  resource: 'certificatesigningrequests',
  ...given({ name })
})
const approval = (name: string): ApiRequest => ({
  verb: 'update',
  group: 'certificates.k8s.io',
  resource: 'certificatesigningrequests/approval',
  name
})
const node = (verb: string, name?: string): ApiRequest => ({
  verb,
  resource: 'nodes',
  ...given({ name })
})
const configMap = (verb: string, namespace: string, name: string): ApiRequest => ({
  verb,
  resource: 'configmaps',
  namespace,
  name
})
const bans = (verb: string): ApiRequest => configMap(verb, namespace, banList)
const kubeadm = (name: string): ApiRequest => configMap('get', 'kube-system', name)
const clusterInfo = configMap('get', 'kube-public', 'cluster-info')
const pods: ApiRequest = { verb: 'list', resource: 'pods' }
const daemonSets: ApiRequest = { verb: 'list', group: 'apps', resource: 'daemonsets' }
const apiServers: ApiRequest = {
  verb: 'get',
  group: 'discovery.k8s.io',
  resource: 'endpointslices',
  namespace: 'default',
  name: 'kubernetes'
}
const secret = (verb: string, name?: string): ApiRequest => ({
  verb,
  resource: 'secrets',
  namespace: 'kube-system',
  ...given({ name })
})
/** A request about a Node's Lease. Each request needs a right of its own. */
const lease = (verb: string): ApiRequest => ({
  verb,
  group: 'coordination.k8s.io',
  resource: 'leases',
  namespace: leaseNamespace
})
const policyObject = (resource: string, name: Policy): ApiRequest => ({
  verb: 'get',
  group: 'admissionregistration.k8s.io',
  resource,
  name
})

/**
 * The request that the admission plugin CertificateApproval authorizes if anybody approves or denies a CSR for that
 * signer.
 */
export const signerRequest = (signer: string): ApiRequest => ({
  verb: 'approve',
  group: 'certificates.k8s.io',
  resource: 'signers',
  name: signer
})

/** Requests about the Leases of banned Nodes. An earlier set-up gave no right to make them. */
export const leaseRequests = { list: lease('list'), create: lease('create'), delete: lease('delete') }

interface Named {
  name: string
}

/** Calls that send no request of their own: they ask nobody, ask as somebody else, or do without what is forbidden. */
type Indirect = 'now' | 'answers' | 'publishesClusterInfo' | 'nodeConfiguration' | 'policyGaps'

/**
 * The requests that each call of the port needs, in their order. test/cluster/kubernetes/rbac.test.ts compares them
 * with the real client.
 */
export const requestsOf = {
  version: () => [{ verb: 'get', path: '/version' }],
  endpoint: () => [kubeadm('kubeadm-config')],
  publishedEndpoint: () => [kubeadm('kubeadm-config')],
  apiHosts: () => [kubeadm('kubeadm-config'), clusterInfo, apiServers],
  network: () => [kubeadm('kubeadm-config'), apiServers],
  imageSight: () => [kubeadm('kubeadm-config'), kubeadm('kube-proxy'), node('list')],
  nameHolder: (name: string) => [node('get', name), pods],
  boundPods: () => [pods],
  nodePods: () => [pods],
  autoApproval: () => [{ verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' }],
  createToken: () => [secret('create')],
  deleteToken: (id: string) => [secret('delete', secretName(id))],
  kubeletCsrs: () => [csr('list')],
  servingCsrs: () => [csr('list')],
  approveCsr: ({ name }: Named) => [csr('get', name), approval(name)],
  denyCsr: ({ name }: Named) => [csr('get', name), approval(name)],
  createOwnCsr: () => [csr('create')],
  ownCsr: (name: string) => [csr('get', name)],
  deleteOwnCsr: (name: string) => [csr('delete', name)],
  nodes: () => [node('list')],
  nodeSight: (name: string) => [node('get', name)],
  podSight: (name: string) => [{ ...lease('get'), name }, pods],
  daemonSets: () => [daemonSets],
  setLabelsAndTaints: ({ name }: Named) => [node('get', name), node('patch', name)],
  removeStartupTaint: ({ name }: Named) => [node('get', name), node('patch', name)],
  deleteNode: ({ name }: Named) => [node('delete', name)],
  ban: (name: string) => [bans('patch'), node('get', name)],
  bans: () => [bans('get')],
  unban: () => [bans('get'), bans('patch')],
  generation: () => [bans('get')],
  noteGeneration: () => [bans('patch')],
  settleBannedLeases: () => [leaseRequests.list, bans('get')],
  watch: () => [csr('list'), csr('watch'), node('list'), node('watch')]
} satisfies { [C in Exclude<keyof Cluster, Indirect>]: (named: never) => ApiRequest[] }

/** Requests of `nodeConfiguration`. The call does without the answer if they are forbidden. */
export const nodeConfigurationRequests = {
  'kubelet-config': kubeadm('kubelet-config'),
  'kube-proxy': kubeadm('kube-proxy')
}

/** The request by which each policy is tried. */
export const triedBy: Partial<Record<Policy, ApiRequest>> = {
  'joinery-bootstrap-tokens': secret('create'),
  'joinery-csrs': csr('create'),
  'joinery-csr-approvals': approval('any'),
  'joinery-nodes': node('patch', 'any'),
  'joinery-node-deletions': node('delete', 'any'),
  'joinery-ban-list': bans('patch'),
  'joinery-token-renewal': { verb: 'create', resource: 'serviceaccounts/token', namespace, name: serviceAccount },
  'joinery-events': { verb: 'create', group: 'events.k8s.io', resource: 'events', namespace: 'default' }
}
export const readBy = (policy: Policy): Record<string, ApiRequest> => ({
  'the policy': policyObject('validatingadmissionpolicies', policy),
  'the binding of': policyObject('validatingadmissionpolicybindings', policy)
})
