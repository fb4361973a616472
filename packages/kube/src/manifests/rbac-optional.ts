import { leaseNamespace, servingSigner } from '../names.ts'

/**
 * Right to approve serving certificates, only if the server is configured to. `joinery-csr-approvals` narrows it to
 * what a node asks for itself.
 */
export const servingRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: joinery-serving-certificates}
rules:
- {apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: [${servingSigner}], verbs: [approve]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: joinery-serving-certificates}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: joinery-serving-certificates}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
`

/**
 * Rights to say why a Node is not Ready, only if the server is configured to (`diagnosis: on`). They read, and change nothing. The
 * server may list Pods in any case (`serverRbac`). Nobody gets `pods/log`: the last lines of a container come from the agent.
 */
export const diagnosisRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: joinery-diagnosis}
rules:
# sees which Pods should run on a Node; the server may list Pods already, and now reads more of them than their names
- {apiGroups: [apps], resources: [daemonsets], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: joinery-diagnosis}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: joinery-diagnosis}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-diagnosis, namespace: ${leaseNamespace}}
rules:
# sees when a kubelet reached the API server last
- {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-diagnosis, namespace: ${leaseNamespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-diagnosis}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
`
