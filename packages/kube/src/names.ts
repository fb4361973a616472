/** Names in the cluster: of what `joinery-server setup` makes, and of the signers, groups and users that Joinery deals with. */
export const namespace = 'joinery-system'
export const serviceAccount = 'joinery-server'
export const banList = 'joinery-banned'
/** The annotation of that ConfigMap by which an older store is noticed. */
export const generationAnnotation = 'joinery.dev/generation'
/** Where the Lease of each Node is, by the Node's name; and the label of those that are banned. */
export const leaseNamespace = 'kube-node-lease'
export const bannedLabel = 'joinery.dev/banned'
export const banListPolicy = 'joinery-ban-list'
export const banPolicy = 'joinery-ban'
export const banLeasesPolicy = 'joinery-ban-leases'
export const bootstrapCsrPolicy = 'joinery-bootstrap-csrs'
export const csrApprovalPolicy = 'joinery-csr-approvals'
export const csrPolicy = 'joinery-csrs'
export const leasePolicy = 'joinery-leases'
export const nodePolicy = 'joinery-nodes'
export const nodeDeletionPolicy = 'joinery-node-deletions'
export const renewalPolicy = 'joinery-token-renewal'
export const tokenPolicy = 'joinery-bootstrap-tokens'

/** Words of `joinery-node-deletions`. */
export const notBanned = 'Joinery deletes no Node whose name is not banned'

/** The admission policies that `joinery-server setup` makes. */
export const policies = [
  // what the server may make of Secrets; where it gives out certificates: none, which RBAC says
  'joinery-bootstrap-tokens',
  // what the holder of a token may ask for
  'joinery-bootstrap-csrs',
  // what the server may ask for itself, and what it may approve
  'joinery-csrs',
  'joinery-csr-approvals',
  // what it may change of a Node, and which it may delete
  'joinery-nodes',
  'joinery-node-deletions',
  // which Lease of a Node it may make and delete
  'joinery-leases',
  // what it may write into the list of those that were removed, and how long its own token lives
  'joinery-ban-list',
  'joinery-token-renewal',
  // what those that were removed may still do
  'joinery-ban',
  'joinery-ban-leases'
] as const
export type Policy = (typeof policies)[number]

/**
 * Labels that decide what a Node is trusted with, or take it out of service: the first as the plugin NodeRestriction keeps them
 * from kubelets, of a prefix or of what ends with it.
 */
export const guardedLabels = '^(([^/]+[.])?node-restriction[.]kubernetes[.]io/|node[.]kubernetes[.]io/exclude-from-)'

/** The signer of kubelets' client certificates. */
export const kubeletSigner = 'kubernetes.io/kube-apiserver-client-kubelet'

/** The signer of what kubelets serve TLS with. Nobody approves its CSRs in a stock cluster. */
export const servingSigner = 'kubernetes.io/kubelet-serving'

/** Selects the CSRs for kubelets' client certificates. */
export const csrSelector = `spec.signerName=${kubeletSigner}`

/** For how long a certificate is good that the server asks for: no signer issues a shorter one. */
export const ownCsrSeconds = 600

/** Of the names of the server's own CSRs. */
export const ownCsrPrefix = 'joinery-'

/** Who the server is in the cluster. */
export const serverUsername = 'system:serviceaccount:joinery-system:joinery-server'

/** Who a kubelet is that has a certificate for this name, and its group. */
export const nodeUsername = (name: string): string => `system:node:${name}`
export const nodesGroup = 'system:nodes'

/** The group of every worker's token: bound to what `kubeadm join` reads, never to auto-approval. */
export const workerGroup = 'system:bootstrappers:joinery:node'

/** The same for a control plane, which reads no more: root gives it the keys of the cluster. */
export const controlPlaneGroup = 'system:bootstrappers:joinery:control-plane'

/** The group of a join command's token: it may what a worker's may, and vouch for `cluster-info`. */
export const commandGroup = 'system:bootstrappers:joinery:command'

/** The same of a join command for a control plane, which reads the Secret `kubeadm-certs` with it. */
export const controlPlaneCommandGroup = 'system:bootstrappers:joinery:command:control-plane'

/** Of tokens that may vouch for `cluster-info`. */
export const signingGroups: readonly string[] = [commandGroup, controlPlaneCommandGroup]

/** Every group that a token of ours may be in: one of them. */
export const tokenGroups: readonly string[] = [workerGroup, controlPlaneGroup, ...signingGroups]
