import type { KubeObject } from '../objects/kube-object.ts'
import { newObject } from './new-object.ts'

/** Lists have commas. Resources: `[verbs, group, resources, names]`. Other paths: `[verbs, paths]`. */
type Rule = [verbs: string, group: string, resources: string, names?: string] | [verbs: string, paths: string]

/** An empty namespace makes it a ClusterRole. */
type Role = [namespace: string, name: string, ...rules: Rule[]]

/** Binds to a role of the same namespace: of its own name, or `of`. A subject is `Group/name` or `User/name`. */
type Binding = [namespace: string, name: string, subjects: string[], of?: string]

const group = 'rbac.authorization.k8s.io'
const certificates = 'certificates.k8s.io'
const csrs = 'certificatesigningrequests'
const approved = `system:${certificates}:${csrs}`
const all = 'create,delete,deletecollection,get,list,patch,update,watch'
const health = '/healthz,/livez,/readyz,/version,/version/'
const clusterInfo = 'kubeadm:bootstrap-signer-clusterinfo'

/**
 * Roles of the API server, then of kubeadm. Those of controllers and Nodes are left out: ours ask no RBAC. Of `admin` there is what
 * somebody asks for.
 */
const roles: readonly Role[] = [
  ['', 'cluster-admin', ['*', '*', '*'], ['*', '*']],
  ['', 'admin', [all, '', 'configmaps,pods,secrets,serviceaccounts'], [all, group, 'rolebindings,roles']],
  ['', 'system:discovery', ['get', `/api,/api/*,/apis,/apis/*,/openapi,/openapi/*,${health}`]],
  ['', 'system:public-info-viewer', ['get', health]],
  [
    '',
    'system:basic-user',
    ['create', 'authorization.k8s.io', 'selfsubjectaccessreviews,selfsubjectrulesreviews'],
    ['create', 'authentication.k8s.io', 'selfsubjectreviews']
  ],
  ['', 'system:node-bootstrapper', ['create,get,list,watch', certificates, csrs]],
  ['', `${approved}:nodeclient`, ['create', certificates, `${csrs}/nodeclient`]],
  ['', `${approved}:selfnodeclient`, ['create', certificates, `${csrs}/selfnodeclient`]],
  ['', 'kubeadm:get-nodes', ['get', '', 'nodes']],
  ['kube-public', clusterInfo, ['get', '', 'configmaps', 'cluster-info']],
  ['kube-system', 'kubeadm:nodes-kubeadm-config', ['get', '', 'configmaps', 'kubeadm-config']],
  ['kube-system', 'kubeadm:kubelet-config', ['get', '', 'configmaps', 'kubelet-config']],
  ['kube-system', 'kube-proxy', ['get', '', 'configmaps', 'kube-proxy']]
]

const everybody = 'Group/system:authenticated'
const tokens = 'Group/system:bootstrappers:kubeadm:default-node-token'
const nodes = 'Group/system:nodes'

const bindings: readonly Binding[] = [
  ['', 'cluster-admin', ['Group/system:masters']],
  ['', 'system:basic-user', [everybody]],
  ['', 'system:discovery', [everybody]],
  ['', 'system:public-info-viewer', [everybody, 'Group/system:unauthenticated']],
  ['', 'kubeadm:cluster-admins', ['Group/kubeadm:cluster-admins'], 'cluster-admin'],
  ['', 'kubeadm:get-nodes', [tokens]],
  ['', 'kubeadm:kubelet-bootstrap', [tokens], 'system:node-bootstrapper'],
  ['', 'kubeadm:node-autoapprove-bootstrap', [tokens], `${approved}:nodeclient`],
  ['', 'kubeadm:node-autoapprove-certificate-rotation', [nodes], `${approved}:selfnodeclient`],
  ['kube-public', clusterInfo, ['User/system:anonymous']],
  ['kube-system', 'kubeadm:nodes-kubeadm-config', [tokens, nodes]],
  ['kube-system', 'kubeadm:kubelet-config', [nodes, tokens]],
  ['kube-system', 'kube-proxy', [tokens]]
]

/** Roles and bindings of a cluster that kubeadm has just made. */
export const bootstrapRbac = (): KubeObject[] => [
  ...roles.map(([namespace, name, ...rules]) => made(namespace, name, 'Role', { rules: rules.map(ruleOf) })),
  ...bindings.map(([namespace, name, subjects, of = name]) => {
    const roleRef = { apiGroup: group, kind: kindOf(namespace, 'Role'), name: of }
    return made(namespace, name, 'RoleBinding', { roleRef, subjects: subjects.map(subjectOf) })
  })
]

const kindOf = (namespace: string, kind: string): string => (namespace === '' ? `Cluster${kind}` : kind)

const made = (namespace: string, name: string, kind: string, rest: object): KubeObject =>
  newObject(`${group}/v1`, kindOf(namespace, kind), { name, ...(namespace !== '' && { namespace }) }, rest)

const ruleOf = ([verbs, about, resources, names]: Rule) => ({
  verbs: verbs.split(','),
  ...(resources === undefined
    ? { nonResourceURLs: about.split(',') }
    : { apiGroups: [about], resources: resources.split(',') }),
  ...(names !== undefined && { resourceNames: names.split(',') })
})

const subjectOf = (text: string) => {
  const [kind = '', name = ''] = text.split('/')
  return { apiGroup: group, kind, name }
}
