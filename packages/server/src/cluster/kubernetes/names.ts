/** Names of what `joinery-server setup` makes in the cluster; the manifests spell them out. */
export const namespace = 'joinery-system'
export const serviceAccount = 'joinery-server'
export const banList = 'joinery-banned'
/** The banned names whose Node is there, and the label that it has while there are any. */
export const bannedNodes = 'joinery-banned-nodes'
export const bannedNodesLabel = 'joinery.dev/banned-nodes'
export const banListPolicy = 'joinery-ban-list'
export const banPolicy = 'joinery-ban'
export const banLeasesPolicy = 'joinery-ban-leases'
export const bootstrapCsrPolicy = 'joinery-bootstrap-csrs'
export const csrApprovalPolicy = 'joinery-csr-approvals'
export const csrPolicy = 'joinery-csrs'
export const nodePolicy = 'joinery-nodes'
export const nodeDeletionPolicy = 'joinery-node-deletions'
export const renewalPolicy = 'joinery-token-renewal'
export const tokenPolicy = 'joinery-bootstrap-tokens'

/** Words of `joinery-node-deletions`. */
export const notBanned = 'Joinery deletes no Node whose name is not banned'
