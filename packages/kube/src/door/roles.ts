import { codeVerbs, doorGroup, enrolmentVerbs } from './kinds.ts'

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
