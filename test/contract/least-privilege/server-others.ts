import { eventsController, eventsPolicy } from '@joinery/kube/names'
import {
  admissionPath,
  byPolicy,
  type Forbidden,
  inNamespace,
  invalid,
  mergePatch,
  rbacPath,
  unauthorized
} from './forbidden.ts'

const banList = byPolicy('joinery-ban-list')
const bans = inNamespace('joinery-system', 'configmaps/joinery-banned')
const ownAccount = inNamespace('joinery-system', 'serviceaccounts/joinery-server')
const pod = inNamespace('default', 'pods/any')
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'

/** It may change in these ways nothing of this kind. */
const readOnlyAtMost = (what: string, collection: string, name = 'any'): Forbidden[] => [
  unauthorized(`make a ${what}`, 'POST', collection),
  unauthorized(`update a ${what}`, 'PUT', `${collection}/${name}`),
  unauthorized(`patch a ${what}`, 'PATCH', `${collection}/${name}`, mergePatch({})),
  unauthorized(`delete a ${what}`, 'DELETE', `${collection}/${name}`)
]

const pods: Forbidden[] = [
  ...readOnlyAtMost('Pod', inNamespace('kube-system', 'pods')),
  unauthorized('read a Pod', 'GET', pod),
  unauthorized('watch Pods', 'GET', '/api/v1/pods?watch=1&timeoutSeconds=1'),
  unauthorized('run a command in a Pod', 'POST', `${pod}/exec?command=id`),
  unauthorized('attach to a Pod', 'POST', `${pod}/attach`),
  unauthorized('forward a port of a Pod', 'POST', `${pod}/portforward`),
  unauthorized('read the log of a Pod', 'GET', `${pod}/log`),
  unauthorized('evict a Pod', 'POST', `${pod}/eviction`),
  unauthorized('bind a Pod', 'POST', `${pod}/binding`),
  unauthorized('debug a Pod', 'PATCH', `${pod}/ephemeralcontainers`, mergePatch({}))
]

const configMaps: Forbidden[] = [
  ...readOnlyAtMost('ConfigMap', inNamespace('kube-system', 'configmaps'), 'kubeadm-config'),
  unauthorized("change the kubelets' configuration", 'PATCH', inNamespace('kube-system', 'configmaps/kubelet-config')),
  unauthorized('change cluster-info', 'PATCH', inNamespace('kube-public', 'configmaps/cluster-info')),
  unauthorized('list ConfigMaps', 'GET', inNamespace('kube-system', 'configmaps')),
  unauthorized("change kube-proxy's configuration", 'PATCH', inNamespace('kube-system', 'configmaps/kube-proxy')),
  unauthorized('read another ConfigMap', 'GET', inNamespace('kube-system', 'configmaps/coredns')),
  unauthorized('replace its ban list', 'PUT', bans),
  unauthorized('delete its ban list', 'DELETE', bans),
  banList('freeze its ban list', 'PATCH', bans, mergePatch({ immutable: true })),
  banList('ban what is no name of a Node', 'PATCH', bans, mergePatch({ data: { No_Node: 'why' } })),
  banList('keep data in its ban list', 'PATCH', bans, mergePatch({ binaryData: { any: 'YQ==' } })),
  banList('keep a book in its ban list', 'PATCH', bans, mergePatch({ data: { any: 'a'.repeat(1025) } })),
  banList('hold its ban list up by a finalizer', 'PATCH', bans, mergePatch({ metadata: { finalizers: ['a/b'] } })),
  banList(
    'have its ban list collected',
    'PATCH',
    bans,
    mergePatch({ metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'any', uid: 'any' }] } })
  )
]

const nodeEvents = '/apis/events.k8s.io/v1/namespaces/default/events'
const event = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { generateName: 'any-', namespace: 'default' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: eventsController,
  reportingInstance: 'any',
  action: 'Any',
  reason: 'Any',
  type: 'Normal',
  regarding: { apiVersion: 'v1', kind: 'Node', name: 'any' }
}
const makeEvent = (what: string, differs: object): Forbidden =>
  byPolicy(eventsPolicy)(`C11: make an Event ${what}`, 'POST', nodeEvents, { body: { ...event, ...differs } })

const events: Forbidden[] = [
  makeEvent('as a kubelet', { reportingController: 'kubelet' }),
  makeEvent('as a part of its own controller', { reportingController: `${eventsController}-manager` }),
  invalid('needs to be unset')('C11: make an Event that kubectl shows as by a kubelet', 'POST', nodeEvents, {
    body: { ...event, deprecatedSource: { component: 'kubelet', host: 'any' } }
  }),
  makeEvent('on a Pod', { regarding: { apiVersion: 'v1', kind: 'Pod', name: 'any', namespace: 'default' } }),
  unauthorized('make an Event by the other group', 'POST', inNamespace('default', 'events')),
  unauthorized('make an Event elsewhere', 'POST', '/apis/events.k8s.io/v1/namespaces/kube-system/events'),
  unauthorized('read Events', 'GET', '/apis/events.k8s.io/v1/namespaces/default/events'),
  unauthorized('change an Event', 'PATCH', '/apis/events.k8s.io/v1/namespaces/default/events/any', mergePatch({})),
  unauthorized('delete an Event', 'DELETE', '/apis/events.k8s.io/v1/namespaces/default/events/any')
]

const year = 365 * 24 * 3600
const accounts: Forbidden[] = [
  ...readOnlyAtMost('ServiceAccount', inNamespace('joinery-system', 'serviceaccounts'), 'joinery-server'),
  unauthorized(
    'get a token of another ServiceAccount',
    'POST',
    inNamespace('kube-system', 'serviceaccounts/any/token')
  ),
  ...(
    [
      ['get a token of a year', { expirationSeconds: year }],
      ['C11: get a token for another service', { expirationSeconds: 3600, audiences: ['https://vault.example'] }]
    ] as const
  ).map(([what, spec]) =>
    byPolicy('joinery-token-renewal')(what, 'POST', `${ownAccount}/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
    })
  ),
  ...[
    { 'impersonate-user': 'kubernetes-admin' },
    { 'impersonate-user': 'system:node:any', 'impersonate-group': 'system:nodes' },
    { 'impersonate-user': 'system:serviceaccount:kube-system:any' },
    { 'impersonate-user': 'any', 'impersonate-group': 'system:masters' }
  ].map((headers) =>
    unauthorized(`act as ${Object.values(headers).join(' of ')}`, 'GET', '/api/v1/namespaces', { headers })
  )
]

/** With these it could give itself all the rest. */
const rights: Forbidden[] = [
  ...readOnlyAtMost('ClusterRole', `${rbacPath}/clusterroles`, 'joinery-server'),
  ...readOnlyAtMost('ClusterRoleBinding', `${rbacPath}/clusterrolebindings`, 'joinery-server'),
  ...readOnlyAtMost('Role', `${rbacPath}/namespaces/kube-system/roles`, 'joinery-bootstrap-tokens'),
  ...readOnlyAtMost('RoleBinding', `${rbacPath}/namespaces/kube-system/rolebindings`, 'joinery-bootstrap-tokens'),
  ...readOnlyAtMost(
    'ValidatingAdmissionPolicy',
    `${admissionPath}/validatingadmissionpolicies`,
    'joinery-bootstrap-tokens'
  ),
  ...readOnlyAtMost(
    'ValidatingAdmissionPolicyBinding',
    `${admissionPath}/validatingadmissionpolicybindings`,
    'joinery-bootstrap-tokens'
  ),
  unauthorized('list admission policies', 'GET', `${admissionPath}/validatingadmissionpolicies`),
  unauthorized('read a policy that is none of its business', 'GET', `${admissionPath}/validatingadmissionpolicies/any`),
  unauthorized('list bindings of policies', 'GET', `${admissionPath}/validatingadmissionpolicybindings`),
  ...readOnlyAtMost('ValidatingWebhookConfiguration', `${admissionPath}/validatingwebhookconfigurations`),
  ...readOnlyAtMost('MutatingWebhookConfiguration', `${admissionPath}/mutatingwebhookconfigurations`)
]

const rest: Forbidden[] = [
  ...readOnlyAtMost('Lease', leases, 'kube-controller-manager'),
  ...readOnlyAtMost('Namespace', '/api/v1/namespaces', 'joinery-system'),
  ...readOnlyAtMost('DaemonSet', '/apis/apps/v1/namespaces/kube-system/daemonsets'),
  ...readOnlyAtMost('CustomResourceDefinition', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'),
  ...readOnlyAtMost('APIService', '/apis/apiregistration.k8s.io/v1/apiservices'),
  unauthorized('read the metrics of the API server', 'GET', '/metrics'),
  unauthorized('profile the API server', 'GET', '/debug/pprof/')
]

/** Of all other kinds the server changes nothing but its ban list, and makes only Events on Nodes. */
export const serverOthers: Forbidden[] = [...pods, ...configMaps, ...events, ...accounts, ...rights, ...rest]
