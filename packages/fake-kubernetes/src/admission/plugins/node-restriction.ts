import { isDeepStrictEqual } from 'node:util'
import { mirrorAnnotation, nodeOf, references } from '../../identity/node-authorizer.ts'
import { nodes, pods, type WithSpec } from '../../identity/resources.ts'
import { otherUid, type Ref } from '../../identity/token-request.ts'
import type { Objects } from '../../objects/objects.ts'
import { notFound, textOf } from '../../objects/refused.ts'
import type { Operation } from '../operation.ts'
import { type Csr, csrs, subjectOf } from './certificates.ts'
import { type Plugin, refusedBy } from './plugin.ts'

/** Says why a Node may not. */
type Check = (operation: Operation, node: string, objects: Objects) => string | undefined

const ofNodes: Check = ({ operation, name, object, before }, node) => {
  const may = `node "${node}" is not allowed to`
  if (name !== node) return `${may} modify node "${name}"`
  if (operation === 'DELETE') return undefined
  const [next, old] = [object, before] as [WithSpec, WithSpec | undefined]
  const { configSource } = next.spec ?? {}
  const labels = forbiddenLabels(next.metadata.labels, old?.metadata.labels).join(', ')
  if (configSource !== undefined && !isDeepStrictEqual(configSource, old?.spec?.configSource))
    return `${may} update configSource to a new non-nil configSource`
  if (old === undefined) return labels && `${may} set the following labels: ${labels}`
  if (!isDeepStrictEqual(next.spec?.taints ?? [], old.spec?.taints ?? [])) return `${may} modify taints`
  if (!isDeepStrictEqual(next.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? []))
    return `${may} modify ownerReferences`
  return labels && `is not allowed to modify labels: ${labels}`
}

type Labels = Readonly<Record<string, string>>

const kubernetesLabel = /^([^/]*\.)?(kubernetes|k8s)\.io\//
const restrictedLabel = /^([^/]*\.)?node-restriction\.kubernetes\.io\//
/** Labels that kubelets set (k8s.io/kubelet/pkg/apis, well_known_labels.go). */
const kubeletLabels = [
  /^([^/]*\.)?(kubelet|node)\.kubernetes\.io\//,
  /^kubernetes\.io\/(hostname|os|arch)$/,
  /^beta\.kubernetes\.io\/(os|arch|instance-type)$/,
  /^(topology|failure-domain\.beta)\.kubernetes\.io\/(zone|region)$/
]

const isForbidden = (label: string): boolean =>
  restrictedLabel.test(label) || (kubernetesLabel.test(label) && !kubeletLabels.some((own) => own.test(label)))

const forbiddenLabels = (next: Labels = {}, before: Labels = {}): string[] =>
  Object.keys({ ...next, ...before })
    .filter((label) => next[label] !== before[label] && isForbidden(label))
    .sort()

/** The Node to which a Pod is bound. Throws the 404 of a Pod that is not there. */
const nodeOfPod = (objects: Objects, name: string, namespace: string): unknown => {
  const pod = objects.get<WithSpec>(pods, name, namespace)
  if (pod === undefined) throw notFound(pods, name)
  return pod.spec?.nodeName
}

const podActs: Readonly<Record<string, string>> = {
  DELETE: 'delete pods',
  'UPDATE/status': 'update pod status for pods',
  'CREATE/eviction': 'evict pods'
}

const ofPods: Check = ({ operation, subresource, name, namespace, object }, node, objects) => {
  if (subresource === '' && operation === 'CREATE') return ofNewPod(object as WithSpec, node, objects)
  const act = podActs[subresource === '' ? operation : `${operation}/${subresource}`]
  if (act === undefined)
    return `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`
  const isOwn = nodeOfPod(objects, name, namespace) === node
  return isOwn ? undefined : `node "${node}" can only ${act} with spec.nodeName set to itself`
}

const ofNewPod = ({ metadata, spec }: WithSpec, node: string, objects: Objects): string | undefined => {
  if (metadata.annotations?.[mirrorAnnotation] === undefined)
    return `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`
  if (spec?.nodeName !== node) return `node "${node}" can only create pods with spec.nodeName set to itself`
  const [owner, ...more] = metadata.ownerReferences ?? []
  const isOwn = owner?.kind === 'Node' && owner.name === node && owner.uid === objects.get(nodes, node)?.metadata.uid
  if (!isOwn || more.length > 0 || owner.controller !== true)
    return `node "${node}" can only create pods with a controller owner reference set to itself`
  const [reference] = spec.serviceAccountName === undefined ? references(spec) : ['a service account']
  return reference && `node "${node}" can not create pods that reference ${reference.split('/')[0]}`
}

const ofAccounts: Check = ({ subresource, namespace, object }, node, objects) => {
  if (subresource !== 'token') return undefined
  const ref = ((object as WithSpec).spec?.boundObjectRef ?? {}) as Ref
  const { kind, name = '', uid } = ref
  if (kind !== 'Pod' || name === '') return 'node requested token not bound to a pod'
  if (uid === undefined) return 'node requested token with a pod binding without a uid'
  const isOwn = nodeOfPod(objects, name, namespace) === node
  if (objects.get(pods, name, namespace)?.metadata.uid !== uid) return otherUid(ref)
  return isOwn ? undefined : 'node requested token bound to a pod scheduled on a different node'
}

const named =
  (what: string): Check =>
  ({ name }, node) =>
    name === node ? undefined : `can only access ${what} with the same name as the requesting node`

const kubeletSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']

const ofCsrs: Check = ({ operation, object }, node) => {
  const csr = object as Csr
  if (operation !== 'CREATE' || !kubeletSigners.includes(csr.spec.signerName)) return undefined
  const isOwn = subjectOf(csr, 'CN').at(-1) === `system:node:${node}`
  return isOwn ? undefined : `can only create a node CSR with CN=system:node:${node}`
}

const checks: Readonly<Record<string, Check>> = {
  nodes: ofNodes,
  pods: ofPods,
  serviceaccounts: ofAccounts,
  'leases.coordination.k8s.io': named('node lease'),
  'csinodes.storage.k8s.io': named('CSINode'),
  [csrs]: ofCsrs
}

/** Holds a kubelet to its own Node and what is bound to it (NodeRestriction). */
export const nodeRestriction: Plugin = (operation, objects) => {
  const node = nodeOf(operation.user)
  const reason = node === undefined ? undefined : checks[textOf(operation.kind)]?.(operation, node, objects)
  if (reason) throw refusedBy(operation, reason)
}
