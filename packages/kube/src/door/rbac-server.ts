import { doorGroup } from './kinds.ts'

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
