import { headName, logGroup } from '../log/index.ts'
import { policies } from '../names.ts'

/** Rights of the server. Each rule is one method of the Cluster port, and the policies narrow what RBAC cannot. */
export const serverRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: joinery-server}
rules:
# finds the request of a joining kubelet, and approves it; makes and deletes its own, for client certificates
- {apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests], verbs: [get, list, watch, create, delete]}
- {apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/approval], verbs: [update]}
- apiGroups: [certificates.k8s.io]
  resources: [signers]
  resourceNames: [kubernetes.io/kube-apiserver-client-kubelet]
  verbs: [approve]
# sees the Node come, and what already has its name
- {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
- {apiGroups: [""], resources: [pods], verbs: [list]}
# sets the labels and taints of a Node that has come
- {apiGroups: [""], resources: [nodes], verbs: [patch]}
# takes away a worker whose name it banned
- {apiGroups: [""], resources: [nodes], verbs: [delete]}
# sees whether policies are as it knows them, if there is nothing to try them on
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingadmissionpolicies, validatingadmissionpolicybindings]
  resourceNames: [${policies.join(', ')}]
  verbs: [get]
# asks whether the cluster would approve a token's request by itself
- {apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}
- {nonResourceURLs: [/version, /version/], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: joinery-server}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: joinery-server}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-server, namespace: kube-system}
rules:
# the endpoint that machines are given, the networks that theirs must not overlap with, and what kubelet and kube-proxy ask of them
- {apiGroups: [""], resources: [configmaps], resourceNames: [kubeadm-config, kubelet-config, kube-proxy], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-server, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-server}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-server, namespace: default}
rules:
# where the API servers are, for the preflight of machines
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], resourceNames: [kubernetes], verbs: [get]}
# says on a Node that it is ready, was removed, or must not be
- {apiGroups: [events.k8s.io], resources: [events], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-server, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-server}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-server, namespace: kube-public}
rules:
# the endpoint, if kubeadm-config names none
- {apiGroups: [""], resources: [configmaps], resourceNames: [cluster-info], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-server, namespace: kube-public}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-server}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-server, namespace: joinery-system}
rules:
# renews its own token
- {apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [joinery-server], verbs: [create]}
# bans a node that was removed, and sees who is banned
- {apiGroups: [""], resources: [configmaps], resourceNames: [joinery-banned], verbs: [get, patch]}
# sees whether the log is in the cluster, also if its own store is a file
- {apiGroups: [${logGroup}], resources: [logheads], resourceNames: [${headName}], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-server, namespace: joinery-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-server}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-server, namespace: kube-node-lease}
rules:
# puts a labelled Lease in the place of a banned Node's, which stops its heartbeat
- {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [list, create, delete]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-server, namespace: kube-node-lease}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-server}
subjects: [{kind: ServiceAccount, name: joinery-server, namespace: joinery-system}]
`
