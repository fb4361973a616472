import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { given } from '@joinery/protocol/given'
import {
  AdmissionregistrationV1Api,
  RbacAuthorizationV1Api,
  type V1CertificateSigningRequest,
  type V1ClusterRoleBinding,
  type V1LabelSelector,
  type V1MutatingAdmissionPolicy,
  type V1MutatingAdmissionPolicyBinding,
  type V1ObjectMeta,
  type V1Pod,
  type V1Secret
} from '@kubernetes/client-node'
import { type Manifest, read } from '../apply.ts'
import type { Connection } from '../connection.ts'
import { doorGroup } from '../door/index.ts'
import { statusOf } from '../errors.ts'
import { csrSelector, namespace } from '../names.ts'
import { inPages } from '../pages.ts'
import { version } from '../version.ts'
import { asAdmin } from './admin-connection.ts'
import type {
  Binding,
  ClusterRole,
  ClusterSight,
  Component,
  ComponentPod,
  KubeadmCerts,
  MutatingPolicy,
  ObjectReference,
  Question,
  ServedGroup,
  SignedCsr,
  Token,
  Webhook
} from './sight.ts'

const system = 'kube-system'

/** Looks with that credential, and at files of this host. What several checks need is read once. */
export const kubernetesSight = (api: Connection, host: ThisHost = thisHost): ClusterSight => {
  const call = <T>(work: (api: Connection) => Promise<T>): Promise<T> => asAdmin(api, work)
  return {
    version: once(() => call(version)),
    resources: (groupVersion) => call(() => resources(api, groupVersion)),
    review: (question) => call(() => review(api, question)),
    bindings: once(() => call(bindings)),
    clusterRoles: () => call(clusterRoles),
    webhooks: () => call(webhooks),
    mutatingPolicies: () => call(mutatingPolicies),
    tokens: once(() => call(tokens)),
    kubeadmCerts: () => call(kubeadmCerts),
    controlPlane: (component) => call(() => controlPlane(api, component, host)),
    kubeletCsrs: () => call(kubeletCsrs),
    object: (manifest) => call(() => object(api, manifest))
  }
}

const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}

const unlessAbsent = async <T>(look: Promise<T>): Promise<T | undefined> => {
  try {
    return await look
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

const resources = async (api: Connection, groupVersion: ServedGroup): Promise<string[]> => {
  const clients = {
    'admissionregistration.k8s.io/v1': api.config.makeApiClient(AdmissionregistrationV1Api),
    'authorization.k8s.io/v1': api.authorization,
    'certificates.k8s.io/v1': api.certificates,
    'discovery.k8s.io/v1': api.discovery
  }
  const list = await unlessAbsent(clients[groupVersion].getAPIResources())
  return (list?.resources ?? []).map(({ name }) => name)
}

const review = async (api: Connection, { user, groups, ...attributes }: Question): Promise<string | undefined> => {
  const { status } = await api.authorization.createSubjectAccessReview({
    body: { spec: { user, groups: [...groups], resourceAttributes: attributes } }
  })
  return status?.allowed === true ? status.reason || 'no reason given' : undefined
}

const bindings = async (api: Connection): Promise<Binding[]> => {
  const rbac = api.config.makeApiClient(RbacAuthorizationV1Api)
  const [wide, narrow] = await Promise.all([rbac.listClusterRoleBinding(), rbac.listRoleBindingForAllNamespaces()])
  return [
    ...wide.items.map((item) => toBinding('ClusterRoleBinding', item)),
    ...narrow.items.map((item) => toBinding('RoleBinding', item))
  ]
}

const clusterRoles = (api: Connection): Promise<ClusterRole[]> => {
  const rbac = api.config.makeApiClient(RbacAuthorizationV1Api)
  return inPages(
    (page) => rbac.listClusterRole(page),
    ({ metadata, rules }) => ({
      name: metadata?.name ?? '',
      rules: (rules ?? [])
        .filter(({ apiGroups }) => apiGroups?.some((one) => one === '*' || one === doorGroup))
        .map(({ apiGroups, resources, verbs }) => ({ verbs, ...given({ apiGroups, resources }) }))
    })
  )
}

/** Label that the API server itself gives to the namespace of Joinery. */
const namespaceLabels = { 'kubernetes.io/metadata.name': namespace }

const webhooks = async (api: Connection): Promise<Webhook[]> => {
  const admission = api.config.makeApiClient(AdmissionregistrationV1Api)
  const [validating, mutating] = await Promise.all([
    admission.listValidatingWebhookConfiguration(),
    admission.listMutatingWebhookConfiguration()
  ])
  const found = [
    ...validating.items.map((item) => ({ kind: 'ValidatingWebhookConfiguration', ...item })),
    ...mutating.items.map((item) => ({ kind: 'MutatingWebhookConfiguration', ...item }))
  ]
  return found.flatMap(({ kind, metadata, webhooks: own }) =>
    (own ?? []).map(({ name, rules, failurePolicy, namespaceSelector }) => ({
      configuration: `${kind} ${metadata?.name ?? ''}`,
      name,
      groups: (rules ?? []).flatMap(({ apiGroups }) => apiGroups ?? []),
      seesNamespace: selects(namespaceSelector, namespaceLabels),
      isRequired: failurePolicy !== 'Ignore'
    }))
  )
}

/** The newest version of the policies that the API server knows. Each version shows all of them. */
const mutatingPolicies = async (api: Connection): Promise<MutatingPolicy[]> => {
  for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
    const of = { group: 'admissionregistration.k8s.io', version }
    const list = <T>(plural: string): Promise<{ items: T[] } | undefined> =>
      unlessAbsent(api.custom.listClusterCustomObject({ ...of, plural }))
    const policies = await list<V1MutatingAdmissionPolicy>('mutatingadmissionpolicies')
    const bindings = await list<V1MutatingAdmissionPolicyBinding>('mutatingadmissionpolicybindings')
    if (policies !== undefined) return policies.items.map((policy) => toMutatingPolicy(policy, bindings?.items ?? []))
  }
  return []
}

const toMutatingPolicy = (
  { metadata, spec }: V1MutatingAdmissionPolicy,
  all: readonly V1MutatingAdmissionPolicyBinding[]
): MutatingPolicy => {
  const name = metadata?.name ?? ''
  const { resourceRules = [], namespaceSelector } = spec?.matchConstraints ?? {}
  const bindings = all.filter((binding) => binding.spec?.policyName === name)
  return {
    name,
    groups: resourceRules.flatMap(({ apiGroups }) => apiGroups ?? []),
    seesNamespace:
      selects(namespaceSelector, namespaceLabels) &&
      bindings.some((binding) => selects(binding.spec?.matchResources?.namespaceSelector, namespaceLabels)),
    bindings: bindings.map((binding) => binding.metadata?.name ?? '')
  }
}

const reference = <K extends ObjectReference['kind']>(kind: K, metadata: V1ObjectMeta | undefined) => ({
  kind,
  namespace: metadata?.namespace ?? '',
  name: metadata?.name ?? '',
  uid: metadata?.uid ?? '',
  resourceVersion: metadata?.resourceVersion ?? ''
})

const toBinding = (kind: Binding['kind'], { metadata, roleRef, subjects }: V1ClusterRoleBinding): Binding => ({
  ...reference(kind, metadata),
  role: { kind: roleRef.kind, name: roleRef.name },
  subjects: (subjects ?? []).map(({ kind, namespace, name }) => ({
    kind,
    name,
    ...given({ namespace })
  }))
})

const tokens = async (api: Connection): Promise<Token[]> => {
  const fieldSelector = 'type=bootstrap.kubernetes.io/token'
  return (await api.core.listNamespacedSecret({ namespace: system, fieldSelector })).items.map(toToken)
}

/** The token without its secret half, which is not even decoded. */
export const toToken = ({ metadata, data }: V1Secret): Token => {
  const value = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8')
  return {
    ...reference('Secret', metadata),
    id: value('token-id'),
    created: metadata?.creationTimestamp ?? new Date(0),
    expires: expiry(value('expiration')),
    usages: (['authentication', 'signing'] as const).filter((usage) => value(`usage-bootstrap-${usage}`) === 'true'),
    groups: value('auth-extra-groups')
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== '')
  }
}

const expiry = (text: string): Token['expires'] => {
  if (text === '') return undefined
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? 'invalid' : date
}

const kubeadmCerts = async (api: Connection): Promise<KubeadmCerts | undefined> => {
  const secret = await unlessAbsent(api.core.readNamespacedSecret({ namespace: system, name: 'kubeadm-certs' }))
  if (secret === undefined) return undefined
  const { metadata } = secret
  return {
    ...reference('Secret', metadata),
    created: metadata?.creationTimestamp ?? new Date(0),
    owned: (metadata?.ownerReferences ?? []).length > 0
  }
}

const controlPlane = async (api: Connection, component: Component, host: ThisHost): Promise<ComponentPod[]> => {
  const labelSelector = `component=${component},tier=control-plane`
  const { items } = await api.core.listNamespacedPod({ namespace: system, labelSelector })
  return Promise.all(items.map((pod) => withFile(component, pod, host)))
}

/**
 * Adds the file of --authentication-config if the Pod runs on this host. kubeadm names a Node as its host, in lower
 * case. On another host, the file of the same path says nothing.
 */
export const withFile = async (component: Component, pod: V1Pod, host: ThisHost): Promise<ComponentPod> => {
  const seen = toComponentPod(component, pod)
  const path = hostPathOf(component, pod, seen.flags.get('authentication-config'))
  if (path === undefined || seen.node !== host.name.toLowerCase()) return seen
  const authentication = await host.read(path)
  return { ...seen, ...given({ authentication }) }
}

const containerOf = (component: Component, { spec }: V1Pod) => spec?.containers.find(({ name }) => name === component)

/** Path on the host of the file that is mounted at `path`. Undefined if none is mounted there. */
const hostPathOf = (component: Component, pod: V1Pod, path: string | undefined): string | undefined => {
  const inside = (mountPath: string): boolean => path === mountPath || path?.startsWith(`${mountPath}/`) === true
  const mount = containerOf(component, pod)
    ?.volumeMounts?.filter(({ mountPath }) => inside(mountPath))
    .toSorted((one, other) => other.mountPath.length - one.mountPath.length)[0]
  const folder = pod.spec?.volumes?.find(({ name }) => name === mount?.name)?.hostPath?.path
  return mount && folder && `${folder}${path?.slice(mount.mountPath.length)}`
}

export const toComponentPod = (component: Component, pod: V1Pod): ComponentPod => {
  const { metadata, spec } = pod
  const container = containerOf(component, pod)
  const words = [...(container?.command ?? []), ...(container?.args ?? [])]
  const flags = words.flatMap((word) => {
    const [, name, value = 'true'] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    return name === undefined ? [] : [[name, value] as const]
  })
  return { name: metadata?.name ?? '', node: spec?.nodeName ?? '', flags: new Map(flags) }
}

const kubeletCsrs = (api: Connection): Promise<SignedCsr[]> =>
  inPages(
    (page) => api.certificates.listCertificateSigningRequest({ fieldSelector: csrSelector, ...page }),
    toSignedCsr
  )

export const toSignedCsr = ({ metadata, status }: V1CertificateSigningRequest): SignedCsr => {
  const condition = (type: string) =>
    status?.conditions?.find((found) => found.type === type && found.status === 'True')
  const approval = condition('Approved')
  return {
    name: metadata?.name ?? '',
    approved: approval && (approval.lastUpdateTime ?? metadata?.creationTimestamp ?? new Date(0)),
    refused: condition('Denied') !== undefined || condition('Failed') !== undefined,
    issued: status?.certificate !== undefined
  }
}

/** Reads the object. The client throws a plain error for a kind that its group does not have. */
const object = async (api: Connection, manifest: Manifest): Promise<Manifest | undefined> => {
  try {
    return (await read(api, manifest)) as Manifest | undefined
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Unrecognized API version and kind')) return undefined
    throw error
  }
}

/**
 * True if the selector matches these labels, as the API server reads it (apimachinery, LabelSelectorAsSelector). An absent selector, and an
 * empty one, match everything. An operator that is not known matches, so that the doctor rather warns.
 */
export const selects = (selector: V1LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean => {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      const isListed = value !== undefined && values.includes(value)
      switch (operator) {
        case 'In':
          return isListed
        case 'NotIn':
          return !isListed
        case 'Exists':
          return value !== undefined
        case 'DoesNotExist':
          return value === undefined
        default:
          return true
      }
    })
  )
}

/** Host that the doctor runs on. It may be one of the cluster's control planes. */
interface ThisHost {
  /** Host name. */
  name: string
  /** Reads the text of a file. Undefined if it is not there or may not be read. */
  read(path: string): Promise<string | undefined>
}

const thisHost: ThisHost = {
  name: hostname(),
  read: (path) => readFile(path, 'utf8').catch(() => undefined)
}
