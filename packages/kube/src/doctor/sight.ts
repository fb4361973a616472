import type { Manifest } from '../apply.ts'

/**
 * What the doctor sees of a cluster, with an administrator's credential. Nothing here writes, and no secret comes out.
 * Every method throws ProblemError `cluster-unavailable`, with the reason, where the API is down or refuses.
 */
export interface ClusterSight {
  /** Of the API server, as `v1.37.2`. */
  version(): Promise<string>

  /** Names of the resources in a group and version, as `certificates.k8s.io/v1`; empty where it is not served. */
  resources(groupVersion: ServedGroup): Promise<string[]>

  /** A SubjectAccessReview: the authorizer's reason where it allows, undefined where it does not. */
  review(question: Question): Promise<string | undefined>

  /** Every ClusterRoleBinding and RoleBinding. */
  bindings(): Promise<Binding[]>

  /** Every bootstrap token that there is a Secret of. */
  tokens(): Promise<Token[]>

  /** The Secret kube-system/kubeadm-certs; undefined where there is none. */
  kubeadmCerts(): Promise<KubeadmCerts | undefined>

  /** Of each Pod of that component in kube-system; empty where the component runs otherwise. */
  controlPlane(component: Component): Promise<ComponentPod[]>

  /** Every CSR for the signer of kubelets' client certificates. */
  kubeletCsrs(): Promise<SignedCsr[]>

  /** What there is of that kind, namespace and name; undefined where there is nothing. */
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
  /** API group; the core one is empty. */
  group: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
}

/** This very object, in this very state: what was shown is what is deleted, or nothing. */
export interface ObjectReference {
  kind: 'ClusterRoleBinding' | 'RoleBinding' | 'Secret'
  /** Empty for what is in no namespace. */
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

export interface Token extends ObjectReference {
  /** Public; the secret half is not here. */
  id: string
  created: Date
  /** Undefined: never. `invalid`: the API server lets nobody in by it. */
  expires: Date | 'invalid' | undefined
  usages: ('authentication' | 'signing')[]
  /** Whom its holder is signed in as, beside system:bootstrappers. */
  groups: string[]
}

export interface KubeadmCerts extends ObjectReference {
  created: Date
  /** It has an owner, as kubeadm gives it: the token that ends after two hours takes it along. */
  owned: boolean
}

export type Component = 'kube-apiserver' | 'kube-controller-manager'

export interface ComponentPod {
  name: string
  /** Name of the Node that it runs on. */
  node: string
  /** By name, without `--`; one without a value is `true`. */
  flags: ReadonlyMap<string, string>
  /** Text of the file of --authentication-config, if the Pod runs on the host that the doctor does, and the file can be read. */
  authentication?: string
}

export interface SignedCsr {
  name: string
  /** When it was approved; undefined where it was not. */
  approved: Date | undefined
  /** Denied, or found malformed by the signer. */
  refused: boolean
  issued: boolean
}
