/** Names of what `joinery-server setup` makes in the cluster; the manifests spell them out. */
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
