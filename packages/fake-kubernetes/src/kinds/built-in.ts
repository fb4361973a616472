import type { KubeObject } from '../objects/kube-object.ts'
import type { Fault } from '../objects/refused.ts'
import * as rules from './built-in-rules.ts'
import { judgeCsr, prepareCsr } from './certificate-requests.ts'
import { judgeDefinition, prepareDefinition } from './custom/definitions.ts'
import { requiredField, when } from './faults.ts'
import { fieldAt, isRecord, textAt } from './field-at.ts'
import { allVerbs, type Kind, type Write } from './kind.ts'
import { judgeMetadata, metadataKeys, type NameForm } from './metadata.ts'
import { settle } from './settle.ts'

interface Row {
  /** Kinds as `Pod po`, with their short names. One that ends with `!` is of the whole cluster. */
  kinds: string
  /** Subresources. With `status` the objects have a spec and a status. */
  sub?: string
  /** Always has a spec. */
  spec?: true
  generation?: true
  names?: NameForm
  /** Selectable fields, each with the text that stands for none. */
  fields?: Readonly<Record<string, string>>
  required?: readonly string[]
  mergeKeys?: Kind['mergeKeys']
  statusAtCreation?: true
  prepare?(next: KubeObject, write: Write): void
  judge?(next: KubeObject, write: Write): Fault[]
}

/** Merge keys of the spec of a Pod below this path (core/v1, types.go). */
const podKeys = (path: string): Kind['mergeKeys'] => {
  const named = ['volumes', 'imagePullSecrets', 'containers', 'containers.env', 'initContainers', 'initContainers.env']
  return Object.fromEntries(named.map((list) => [`${path}.${list}`, ['name']]))
}

const generation = true
const policyKeys = { 'spec.variables': ['name'], 'spec.matchConditions': ['name'] }
const podFields = { 'spec.nodeName': '', 'status.phase': '', 'spec.serviceAccountName': '' }
const podRow = { fields: podFields, required: ['spec.containers'], mergeKeys: podKeys('spec') }
const eventFields = { 'involvedObject.kind': '', 'involvedObject.name': '', 'involvedObject.uid': '', reason: '' }
const nodeRow = { fields: { 'spec.unschedulable': 'false' }, mergeKeys: { 'status.addresses': ['type'] } }
const workload = {
  mergeKeys: podKeys('spec.template.spec'),
  required: ['spec.selector', 'spec.template.spec.containers'],
  judge: rules.judgeFixed(['spec.selector'], 'field is immutable')
}
const csrRow = { fields: { 'spec.signerName': '' }, prepare: prepareCsr, judge: judgeCsr }
const definitionRow = {
  required: ['spec.group', 'spec.scope', 'spec.names.plural', 'spec.names.kind', 'spec.versions'],
  prepare: prepareDefinition,
  judge: judgeDefinition
}
const fixedRole = rules.judgeFixed(['roleRef'], 'cannot change roleRef')

/** Kinds that Joinery, its tests, kubeadm and a kubelet touch. An Event is kept by the group in which it was made, and shown in no other. */
const table: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    { kinds: 'Namespace! ns', sub: 'status finalize', names: 'label', prepare: rules.prepareNamespace },
    { kinds: 'Node! no', sub: 'status', statusAtCreation: true, ...nodeRow, judge: rules.judgeNode },
    { kinds: 'Pod po', sub: 'status binding eviction', generation, ...podRow, prepare: rules.preparePod },
    { kinds: 'Secret', fields: { type: '' }, prepare: rules.prepareSecret, judge: rules.judgeSecret },
    { kinds: 'ConfigMap cm', judge: rules.judgeConfigMap },
    { kinds: 'ServiceAccount sa', sub: 'token', mergeKeys: { secrets: ['name'], imagePullSecrets: ['name'] } },
    { kinds: 'Service svc', sub: 'status', names: 'label', mergeKeys: { 'spec.ports': ['port'] } },
    { kinds: 'PersistentVolumeClaim pvc', sub: 'status' },
    { kinds: 'Endpoints ep' },
    { kinds: 'Event ev', fields: eventFields }
  ],
  'events.k8s.io/v1': [{ kinds: 'Event ev', required: ['eventTime'], judge: rules.judgeNewEvent }],
  'certificates.k8s.io/v1': [
    { kinds: 'CertificateSigningRequest! csr', sub: 'status approval', names: 'path', ...csrRow }
  ],
  'coordination.k8s.io/v1': [{ kinds: 'Lease', spec: true, judge: rules.judgeLease }],
  'apps/v1': [{ kinds: 'DaemonSet ds, Deployment deploy', sub: 'status', generation, ...workload }],
  'rbac.authorization.k8s.io/v1': [
    { kinds: 'Role, ClusterRole!', names: 'path' },
    { kinds: 'RoleBinding, ClusterRoleBinding!', names: 'path', required: ['roleRef.name'], judge: fixedRole }
  ],
  'admissionregistration.k8s.io/v1': [
    { kinds: 'ValidatingAdmissionPolicy!', sub: 'status', generation, mergeKeys: policyKeys },
    { kinds: 'MutatingAdmissionPolicy!', spec: true, generation, mergeKeys: policyKeys },
    { kinds: 'ValidatingAdmissionPolicyBinding!, MutatingAdmissionPolicyBinding!', spec: true, generation },
    { kinds: 'ValidatingWebhookConfiguration!, MutatingWebhookConfiguration!', generation }
  ],
  'apiextensions.k8s.io/v1': [
    { kinds: 'CustomResourceDefinition! crd crds', sub: 'status', generation, ...definitionRow }
  ],
  'apiregistration.k8s.io/v1': [{ kinds: 'APIService!', sub: 'status' }],
  'discovery.k8s.io/v1': [{ kinds: 'EndpointSlice', generation }],
  'flowcontrol.apiserver.k8s.io/v1': [{ kinds: 'FlowSchema!', sub: 'status', generation }],
  'policy/v1': [{ kinds: 'PodDisruptionBudget pdb', sub: 'status', generation }],
  'storage.k8s.io/v1': [
    { kinds: 'CSINode!', spec: true },
    { kinds: 'VolumeAttachment!', sub: 'status' }
  ]
}

const absentIfEmpty = ['labels', 'annotations', 'data', 'binaryData']

/** The value as the API server decodes it: what is null, and most of what is empty, is absent. */
const decoded = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(decoded)
  if (!isRecord(value)) return value
  const isThere = ([name, one]: [string, unknown]): boolean =>
    one !== null && (Object.keys(Object(one)).length > 0 || !(Array.isArray(one) || absentIfEmpty.includes(name)))
  return Object.fromEntries(
    Object.entries(value)
      .filter(isThere)
      .map(([name, one]) => [name, name === 'openAPIV3Schema' ? one : decoded(one)])
  )
}

const kindOf = (api: string, row: Row, text: string): Kind => {
  const [kind = '', ...shortNames] = text.replace('!', '').split(' ')
  const [version = '', group = ''] = api.split('/').reverse()
  const singular = kind.toLowerCase()
  const { names = 'subdomain', fields = {}, required = [], sub, statusAtCreation = false } = row
  const subresources = sub?.split(' ') ?? []
  const hasStatus = subresources.includes('status')
  const parts = { hasStatus, statusAtCreation, metadataByStatus: true, hasGeneration: row.generation === true }
  return {
    group,
    version,
    kind,
    singular,
    plural: singular.replace(/y$/, 'ie').replace(/s?$/, 's'),
    shortNames,
    namespaced: !text.includes('!'),
    subresources,
    verbs: allVerbs,
    selectable: Object.fromEntries(Object.entries(fields).map(([path, none]) => [path, textAt(path, none)])),
    mergeKeys: { ...metadataKeys, ...(hasStatus && { 'status.conditions': ['type'] }), ...row.mergeKeys },
    prepare: (next, write) => {
      const kept = decoded(next) as KubeObject
      for (const field of Object.keys(next)) delete next[field]
      Object.assign(next, kept)
      if (hasStatus || row.spec) next.spec ??= {}
      settle(next, write, parts)
      if (hasStatus) next.status ??= {}
      row.prepare?.(next, write)
    },
    judge: (next, write) => [
      ...judgeMetadata(next.metadata, names),
      ...required.flatMap((path) => when((fieldAt(next, path) ?? '') === '', requiredField(path))),
      ...(row.judge?.(next, write) ?? [])
    ]
  }
}

/** The resources that the API server has of its own. */
export const builtIns: readonly Kind[] = Object.entries(table).flatMap(([api, rows]) =>
  rows.flatMap((row) => row.kinds.split(', ').map((text) => kindOf(api, row, text)))
)
