import type { Manifest } from '../apply.ts'

/**
 * The doctor's view of a cluster, with an administrator's credential. Nothing here writes, and no secret comes out.
 * Every method throws ProblemError `cluster-unavailable`, with the reason, if the API is down or refuses.
 */
export interface ClusterSight {
  /** Version of the API server, such as `v1.37.2`. */
  version(): Promise<string>

  /**
   * Names of the resources in a group and version such as `certificates.k8s.io/v1`. Empty if the API server does not
   * serve it.
   */
  resources(groupVersion: ServedGroup): Promise<string[]>

  /** Asks a SubjectAccessReview. Returns the authorizer's reason if it allows the request, undefined if it does not. */
  review(question: Question): Promise<string | undefined>

  /** Every ClusterRoleBinding and RoleBinding. */
  bindings(): Promise<Binding[]>

  /** Every ClusterRole with a rule about Joinery's objects, or about all objects. */
  clusterRoles(): Promise<ClusterRole[]>

  /** Every webhook of an admission configuration. */
  webhooks(): Promise<Webhook[]>

  /** Every MutatingAdmissionPolicy. Empty if the API server knows none: they are beta in 1.34 and v1 in 1.36. */
  mutatingPolicies(): Promise<MutatingPolicy[]>

  /** Every bootstrap token that has a Secret. */
  tokens(): Promise<Token[]>

  /** The Secret kube-system/kubeadm-certs. Undefined if there is none. */
  kubeadmCerts(): Promise<KubeadmCerts | undefined>

  /** Every Pod of that component in kube-system. Empty if the component does not run as such Pods. */
  controlPlane(component: Component): Promise<ComponentPod[]>

  /** Every CSR for the signer of kubelets' client certificates. */
  kubeletCsrs(): Promise<SignedCsr[]>

  /** The object with the manifest's kind, namespace and name. Undefined if there is none. */
  object(manifest: Manifest): Promise<Manifest | undefined>
}

export const servedGroups = [
  'admissionregistration.k8s.io/v1',
  'authorization.k8s.io/v1',
  'certificates.k8s.io/v1',
  'discovery.k8s.io/v1'
] as const
export type ServedGroup = (typeof servedGroups)[number]

export interface Question {
  user: string
  groups: readonly string[]
  verb: string
  /** API group. Empty for the core group. */
  group: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
}

/** One object in one state: the doctor deletes what was shown, or nothing. */
export interface ObjectReference {
  kind: 'ClusterRoleBinding' | 'RoleBinding' | 'Secret'
  /** Namespace of the object. Empty if it is in none. */
  namespace: string
  name: string
  uid: string
  resourceVersion: string
}

export interface Subject {
  kind: string
  namespace?: string
  name: string
}

export interface Binding extends ObjectReference {
  kind: 'ClusterRoleBinding' | 'RoleBinding'
  role: { kind: string; name: string }
  subjects: Subject[]
}

export interface ClusterRole {
  name: string
  rules: { apiGroups?: string[]; resources?: string[]; verbs: string[] }[]
}

/** A webhook that the API server asks about writes. */
export interface Webhook {
  /** Kind and name of its configuration. */
  configuration: string
  name: string
  /** API groups that it is asked about. */
  groups: string[]
  /** True if its namespaceSelector lets it see what is in the namespace of Joinery. */
  seesNamespace: boolean
  /** True if the API server refuses a write that the webhook cannot be asked about. */
  isRequired: boolean
}

/** A policy by which the API server changes what is written. */
export interface MutatingPolicy {
  name: string
  /** API groups of the objects that it may change. */
  groups: string[]
  /** True if the selectors of the policy and of a binding let it change what is in the namespace of Joinery. */
  seesNamespace: boolean
  /** Names of its bindings. */
  bindings: string[]
}

export interface Token extends ObjectReference {
  /** Public half of the token. The secret half is not here. */
  id: string
  created: Date
  /**
   * Time at which the token expires; undefined if never. `invalid` means that the API server lets nobody in by the
   * token.
   */
  expires: Date | 'invalid' | undefined
  usages: ('authentication' | 'signing')[]
  /** Groups of the token's holder, beside system:bootstrappers. */
  groups: string[]
}

export interface KubeadmCerts extends ObjectReference {
  created: Date
  /** True if the Secret has an owner, as kubeadm gives it: when the token ends after two hours, the Secret goes too. */
  owned: boolean
}

export type Component = 'kube-apiserver' | 'kube-controller-manager'

export interface ComponentPod {
  name: string
  /** Name of the Node that it runs on. */
  node: string
  /** Flags by name, without `--`. A flag without a value is `true`. */
  flags: ReadonlyMap<string, string>
  /** Text of the file of --authentication-config, if the Pod runs on the doctor's host and the file can be read. */
  authentication?: string
}

export interface SignedCsr {
  name: string
  /** Time of the approval. Undefined if the CSR was not approved. */
  approved: Date | undefined
  /** True if the CSR was denied, or if the signer found it malformed. */
  refused: boolean
  issued: boolean
}
