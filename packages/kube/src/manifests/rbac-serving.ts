import { servingSigner } from '../names.ts'

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
