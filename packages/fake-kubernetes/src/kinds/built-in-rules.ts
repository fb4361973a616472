import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Fault } from '../objects/refused.ts'
import { duplicate, forbiddenField, invalidValue, tooLong, when } from './faults.ts'
import { fieldAt, isRecord } from './field-at.ts'
import type { Write } from './kind.ts'

type Prepare = (next: KubeObject, write: Write) => void
type Judge = (next: KubeObject, write: Write) => Fault[]

/** Judges that an update leaves these fields as they were. */
export const judgeFixed =
  (fields: readonly string[], words: string): Judge =>
  (next, { before }) =>
    fields.flatMap((field) => {
      const value = fieldAt(next, field)
      const isChanged = before !== undefined && !isDeepStrictEqual(value, fieldAt(before, field))
      return when(isChanged, invalidValue(field, value, words))
    })

/** Bytes that the values of a ConfigMap or of a Secret may have together (core, MaxSecretSize). Keys do not count. */
const dataBytes = 1024 * 1024

const bytesOf = (values: unknown, encoding: BufferEncoding): number =>
  Object.values(values ?? {}).reduce((sum: number, value) => sum + Buffer.byteLength(String(value), encoding), 0)

const judgeFrozen = (next: KubeObject, before: KubeObject | undefined): Fault[] =>
  (before?.immutable === true ? ['immutable', 'data', 'binaryData'] : []).flatMap((field) => {
    const isChanged = !isDeepStrictEqual(next[field], before?.[field])
    return when(isChanged, forbiddenField(field, 'field is immutable when `immutable` is set'))
  })

export const judgeConfigMap: Judge = (next, { before }) => [
  ...judgeFrozen(next, before),
  // `[]` is how the API server writes the path of the whole object
  ...when(bytesOf(next.data, 'utf8') + bytesOf(next.binaryData, 'base64') > dataBytes, tooLong('[]', dataBytes))
]

export const prepareSecret: Prepare = (next) => {
  const { data, stringData, type } = next
  if (isRecord(stringData)) {
    const texts = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')])
    next.data = { ...(isRecord(data) && data), ...Object.fromEntries(texts) }
  }
  delete next.stringData
  next.type = type ?? 'Opaque'
}

export const judgeSecret: Judge = (next, write) => [
  ...judgeFrozen(next, write.before),
  ...when(bytesOf(next.data, 'base64') > dataBytes, tooLong('data', dataBytes)),
  ...judgeFixed(['type'], 'field is immutable')(next, write)
]

/** Fields of the spec of a Node by when they may be set (ValidateNodeUpdate). */
const always = ['taints', 'unschedulable']
const once = ['podCIDR', 'podCIDRs', 'providerID']

export const judgeNode: Judge = (next, { before }) => {
  const [spec, old] = [Object(next.spec), Object(before?.spec)] as Record<string, unknown>[]
  const taints = (spec?.taints ?? []) as { key: string; effect: string }[]
  const ids = taints.map(({ key, effect }) => `${key}:${effect}`)
  const isFixed = (field: string) => !always.includes(field) && !(once.includes(field) && old?.[field] === undefined)
  const fixed = Object.keys({ ...spec, ...old }).filter(isFixed)
  const isChanged = before !== undefined && fixed.some((field) => !isDeepStrictEqual(spec?.[field], old?.[field]))
  return [
    ...taints.flatMap((one, at) => when(ids.indexOf(ids[at] ?? '') < at, duplicate(`spec.taints[${at}]`, one))),
    ...when(isChanged, forbiddenField('[]', 'node updates may only change labels, taints, or capacity'))
  ]
}

export const judgeLease: Judge = (next) => {
  const seconds = fieldAt(next, 'spec.leaseDurationSeconds')
  return when(Number(seconds ?? 1) <= 0, invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
}

/** An Event of events.k8s.io has none of the fields of earlier Events (core, ValidateEventCreate). */
export const judgeNewEvent: Judge = (next, { before }) =>
  when(before === undefined && next.deprecatedSource !== undefined, invalidValue('source', '', 'needs to be unset'))

export const preparePod: Prepare = (next, { before, subresource }) => {
  if (before === undefined) next.status = { phase: 'Pending' }
  if (subresource === '' && isRecord(next.spec))
    next.spec = { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...next.spec }
}

export const prepareNamespace: Prepare = (next, { before }) => {
  const { labels, name } = next.metadata
  next.metadata = { ...next.metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } }
  if (before === undefined) Object.assign(next, { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
}
