/**
 * Rights to make and delete bootstrap tokens, never to read or list them. A server that gives out certificates has none
 * of these.
 */
export const tokenRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-bootstrap-tokens, namespace: kube-system}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [create, delete]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-bootstrap-tokens, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-bootstrap-tokens}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
`
