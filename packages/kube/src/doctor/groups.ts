/** Group of everybody who signed in by a bootstrap token, whatever the token says. */
export const anyToken = 'system:bootstrappers'
export const everybody = 'system:authenticated'

/** Prefix of the groups of Joinery's own tokens. */
export const joineryGroups = 'system:bootstrappers:joinery:'

/** Group that `kubeadm token create` gives a token. */
export const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'

/** ClusterRole by which the stock controller approves a kubelet's first request, for any name. */
export const nodeclientRole = 'system:certificates.k8s.io:certificatesigningrequests:nodeclient'
