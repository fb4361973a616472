import { controlPlaneCommandGroup, tokenGroups } from '../names.ts'

const subjects = `
${tokenGroups.map((name) => `- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: '${name}'}`).join('\n')}`

/**
 * What the holder of a token of ours may do: read what `kubeadm join` reads and ask for a certificate. kubeadm binds
 * its own token group to the same roles, and to one more which is left out on purpose: the role that lets the stock
 * controller approve the request. That is the server's decision.
 */
export const joiningRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: joinery-kubelet-bootstrap}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:node-bootstrapper}
subjects:${subjects}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: joinery-get-nodes}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeadm:get-nodes}
subjects:${subjects}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-kubeadm-config, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kubeadm:nodes-kubeadm-config}
subjects:${subjects}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-kubelet-config, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kubeadm:kubelet-config}
subjects:${subjects}
`

/**
 * A control plane that joins by a join command reads what `kubeadm init phase upload-certs` encrypted: kubeadm's own Role is
 * there only after that.
 */
export const kubeadmCertsRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: joinery-kubeadm-certs, namespace: kube-system}
rules:
- {apiGroups: [""], resources: [secrets], resourceNames: [kubeadm-certs], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-kubeadm-certs, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: joinery-kubeadm-certs}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: '${controlPlaneCommandGroup}'}]
`

/** Only where the cluster has kube-proxy as kubeadm installs it. */
export const kubeProxyRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-kube-proxy, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kube-proxy}
subjects:${subjects}
`
