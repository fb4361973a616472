import { controlPlaneCommandGroup, tokenGroups } from '../names.ts'

const subjects = `
${tokenGroups.map((name) => `- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: '${name}'}`).join('\n')}`

/**
 * Rights of the holder of one of Joinery's tokens: read what `kubeadm join` reads, and ask for a certificate. kubeadm
 * binds its own token group to the same roles, and to one more that is left out here on purpose: the role that lets the
 * stock controller approve the request. That is the server's decision.
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
 * Rights of a control plane that joins by a join command: it reads what `kubeadm init phase upload-certs` encrypted.
 * kubeadm's own Role exists only after that command.
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

/** Rights for kube-proxy, only if the cluster has kube-proxy as kubeadm installs it. */
export const kubeProxyRbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: joinery-kube-proxy, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kube-proxy}
subjects:${subjects}
`
