/**
 * Namespace that `joinery-server setup` makes. This file has the names of everything that setup makes, and of the
 * signers, groups and users that Joinery deals with.
 */
export const namespace = 'joinery-system'
export const serviceAccount = 'joinery-server'
export const banList = 'joinery-banned'
/** Annotation of the ban list that shows that a store is an older copy. */
export const generationAnnotation = 'joinery.dev/generation'
/** Namespace with the Lease of each Node, by the Node's name. `bannedLabel` is the label of those that are banned. */
export const leaseNamespace = 'kube-node-lease'
export const bannedLabel = 'joinery.dev/banned'
export const banListPolicy = 'joinery-ban-list'
export const banPolicy = 'joinery-ban'
export const banReportsPolicy = 'joinery-ban-reports'
export const banLeasesPolicy = 'joinery-ban-leases'
export const bootstrapCsrPolicy = 'joinery-bootstrap-csrs'
export const csrApprovalPolicy = 'joinery-csr-approvals'
export const csrPolicy = 'joinery-csrs'
export const leasePolicy = 'joinery-leases'
export const nodePolicy = 'joinery-nodes'
export const nodeDeletionPolicy = 'joinery-node-deletions'
export const renewalPolicy = 'joinery-token-renewal'
/**
 * Annotation of the namespace with the audiences of the API server's own tokens, with commas between them. `setup` writes it, and
 * `joinery-token-renewal` compares with it.
 */
export const audiencesAnnotation = 'joinery.dev/token-audiences'
export const eventsPolicy = 'joinery-events'
/** Name by which the server's Events say who wrote them. */
export const eventsController = 'joinery.dev/joinery-server'
export const tokenPolicy = 'joinery-bootstrap-tokens'
export const decisionPolicy = 'joinery-decisions'
export const viewPolicy = 'joinery-views'
export const codePolicy = 'joinery-codes'
export const definitionPolicy = 'joinery-definitions'
export const logPolicy = 'joinery-log'
export const serverLeasePolicy = 'joinery-server-leases'
/**
 * Lease in the namespace of Joinery that says which of several servers is active. A server that waits has one whose name begins with
 * this name and a hyphen.
 */
export const serverLease = 'joinery-server'

/** Words of the refusal by `joinery-node-deletions`. */
export const notBanned = 'Joinery deletes no Node whose name is not banned'

/** The admission policies that `joinery-server setup` makes. */
export const policies = [
  // Secrets that the server may make; if it gives out certificates: none, by RBAC
  'joinery-bootstrap-tokens',
  // what the holder of a token may ask for
  'joinery-bootstrap-csrs',
  // what the server may ask for itself, and what it may approve
  'joinery-csrs',
  'joinery-csr-approvals',
  // what the server may change about a Node, and which Node it may delete
  'joinery-nodes',
  'joinery-node-deletions',
  // which Lease of a Node it may make and delete
  'joinery-leases',
  // what is written into the ban list, and by whom; how long the server's own token lives, and as whom it speaks in Events
  'joinery-ban-list',
  'joinery-token-renewal',
  'joinery-events',
  // what banned nodes may still do
  'joinery-ban',
  'joinery-ban-reports',
  'joinery-ban-leases',
  // what operators may decide and who may invite; that only the server writes what it shows; that no kind of object is deleted
  'joinery-decisions',
  'joinery-codes',
  'joinery-views',
  'joinery-definitions',
  // that only the servers write their log, and say which of them is active
  'joinery-log',
  'joinery-server-leases'
] as const
export type Policy = (typeof policies)[number]

/**
 * Pattern of the labels that decide what a Node is trusted with, or take it out of service. The plugin NodeRestriction
 * keeps the first ones from kubelets, with their prefix or any prefix that ends with it.
 */
export const guardedLabels = '^(([^/]+[.])?node-restriction[.]kubernetes[.]io/|node[.]kubernetes[.]io/exclude-from-)'

/** The signer of kubelets' client certificates. */
export const kubeletSigner = 'kubernetes.io/kube-apiserver-client-kubelet'

/** The signer of kubelets' serving certificates. Nobody approves its CSRs in a stock cluster. */
export const servingSigner = 'kubernetes.io/kubelet-serving'

/** Selects the CSRs for kubelets' client certificates. */
export const csrSelector = `spec.signerName=${kubeletSigner}`

/** Lifetime in seconds of a certificate that the server asks for. No signer issues a shorter one. */
export const ownCsrSeconds = 600

/** Prefix of the names of the server's own CSRs. */
export const ownCsrPrefix = 'joinery-'

/** User name of the server in the cluster. */
export const serverUsername = 'system:serviceaccount:joinery-system:joinery-server'

/** User name of a kubelet with a certificate for this Node name. */
export const nodeUsername = (name: string): string => `system:node:${name}`
export const nodesGroup = 'system:nodes'

/** Group of every worker's token. It is bound to what `kubeadm join` reads, never to auto-approval. */
export const workerGroup = 'system:bootstrappers:joinery:node'

/**
 * Group of every control plane's token. It reads no more than a worker's: root gives a control plane the keys of the
 * cluster.
 */
export const controlPlaneGroup = 'system:bootstrappers:joinery:control-plane'

/** Group of a join command's token. The token may do what a worker's may, and vouch for `cluster-info`. */
export const commandGroup = 'system:bootstrappers:joinery:command'

/** Group of the token in a join command for a control plane, which also reads the Secret `kubeadm-certs` with it. */
export const controlPlaneCommandGroup = 'system:bootstrappers:joinery:command:control-plane'

/** Groups of the tokens that may vouch for `cluster-info`. */
export const signingGroups: readonly string[] = [commandGroup, controlPlaneCommandGroup]

/** All groups of Joinery's tokens. Each token is in one of them. */
export const tokenGroups: readonly string[] = [workerGroup, controlPlaneGroup, ...signingGroups]
