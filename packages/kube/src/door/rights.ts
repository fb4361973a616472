import { namespace, serviceAccount } from '../names.ts'
import { codeVerbs, doorGroup, enrolmentVerbs } from './kinds.ts'

/**
 * Rights of the server at the door. It makes no Decision and no Code: it may only ask by dry run, and the policies refuse that. It
 * deletes Decisions and Codes that are over.
 */
export const serverDoorRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: joinery-server-door}
rules:
# shows what it knows
- apiGroups: [${doorGroup}]
  resources: [enrolments, installations]
  verbs: [get, list, watch, create, update, delete]
- {apiGroups: [${doorGroup}], resources: [enrolments/status, installations/status], verbs: [update]}
# reads what operators decided and whom they invited, says what became of it, and asks whether the policies still refuse its own
- {apiGroups: [${doorGroup}], resources: [decisions, codes], verbs: [get, list, watch, delete]}
- {apiGroups: [${doorGroup}], resources: [decisions, codes], verbs: [create]}
- {apiGroups: [${doorGroup}], resources: [decisions/status, codes/status], verbs: [update]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: joinery-server-door}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: joinery-server-door}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
`

const reads = (resources: string): string =>
  `- {apiGroups: [${doorGroup}], resources: [${resources}], verbs: [get, list, watch]}`
const makes = (resources: string, verbs: string): string =>
  `- {apiGroups: [${doorGroup}], resources: [${resources}], verbs: [${verbs}]}`

const role = (name: string, about: string, ...rules: string[]): string => `
# ${about}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules:
${[...rules, identity].join('\n')}
`

/** The identity of the cluster: the operators' command keeps the pin of each cluster by it. */
const identity = '- {apiGroups: [""], resources: [namespaces], resourceNames: [kube-system], verbs: [get]}'

const shown = 'enrolments, installations'
const everything = 'enrolments, decisions, codes, codetemplates, installations'

/**
 * ClusterRoles for operators, ready to bind. No other role takes them in: to have admin, edit or view in the cluster lets nobody
 * decide about machines.
 */
export const operatorRoles: readonly string[] = [
  role('joinery-viewer', 'sees the machines', reads(shown)),
  role('joinery-auditor', 'sees the machines, and who decided what', reads(everything)),
  role(
    'joinery-approver',
    'decides about workers',
    reads('enrolments, decisions, installations'),
    makes('decisions', 'create'),
    makes('enrolments', 'approve, reject, release, retry')
  ),
  role(
    'joinery-admin',
    'decides about all machines, and invites them',
    reads(everything),
    makes('decisions', 'create, delete'),
    makes('enrolments', enrolmentVerbs.join(', ')),
    makes('codes', ['create', 'delete', ...codeVerbs].join(', ')),
    makes('codetemplates', 'create, update, patch, delete')
  )
]

/**
 * FlowSchema by which the API server takes the server's requests before those of other workloads. Without it the requests share
 * `workload-low` with every other ServiceAccount.
 */
export const serverFlowSchema = `
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: joinery-server}
spec:
  priorityLevelConfiguration: {name: workload-high}
  matchingPrecedence: 900
  distinguisherMethod: {type: ByUser}
  rules:
  - subjects: [{kind: ServiceAccount, serviceAccount: {name: ${serviceAccount}, namespace: ${namespace}}}]
    resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"]}]
    nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}]
`
