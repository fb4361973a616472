import { randomBytes, randomUUID } from 'node:crypto'
import { parse } from 'yaml'
import type { Operation } from '../admission/operation.ts'
import type { Asked, User, Verdict } from '../identity/user.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject, Meta } from '../objects/kube-object.ts'
import { type Objects, wholeSeconds } from '../objects/objects.ts'
import { badRequest, conflict, forbidden, invalid, modified, notFound, Refused } from '../objects/refused.ts'
import { apply, recordUpdate } from '../patches/apply.ts'
import { jsonPatch } from '../patches/json-patch.ts'
import { mergePatch } from '../patches/merge-patch.ts'
import { strategicMerge } from '../patches/strategic-merge.ts'
import type { RequestInfo } from './request-info.ts'
import { versionOf } from './shown.ts'

/** The parts of an API server that a write goes through. */
export interface WriteParts {
  objects: Objects
  now(): Date
  authorize(asked: Asked): Verdict
  /** Lets plugins change the object. */
  mutate(operation: Operation): void
  /** Asks plugins and policies. Returns warnings. */
  validate(operation: Operation): string[]
}

export interface WriteQuestion {
  kind: Kind
  info: RequestInfo
  user: User
  query: URLSearchParams
  headers: Readonly<Record<string, string>>
  body: string
}

export interface Written {
  code: number
  object: KubeObject
  warnings: string[]
}

/** Makes the object of the body. */
export const create = (parts: WriteParts, question: WriteQuestion): Written => {
  const object = decoded(question)
  const { metadata } = object
  if (metadata.name === undefined && metadata.generateName !== undefined) {
    // admission knows no name yet (apiserver, createHandler)
    metadata.name = `${metadata.generateName}${suffix()}`
    return put(parts, question, object, undefined)
  }
  return put(parts, { ...question, info: { ...question.info, name: metadata.name ?? '' } }, object, undefined)
}

/** Puts the object of the body in the place of the one with its name. */
export const update = (parts: WriteParts, question: WriteQuestion): Written => {
  const object = decoded(question)
  const { kind, info } = question
  if (object.metadata.name !== info.name) {
    const [sent = ''] = [object.metadata.name]
    throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${info.name})`)
  }
  const before = found(parts, question)
  if (before === undefined) return createdByWrite(parts, question, object, createdByPut.has(kind.plural))
  if (mustNameVersion(kind) && (object.metadata.resourceVersion ?? '') === '')
    throw invalid(kind.group, kind.kind, info.name, [
      {
        reason: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: "": must be specified for an update'
      }
    ])
  return put(parts, question, object, before)
}

/** Changes the object by the patch of the body. An apply makes an object that is not there. */
export const patch = (parts: WriteParts, question: WriteQuestion): Written => {
  const { kind, info, body, headers, query } = question
  const [type] = (headers['content-type'] ?? '').split(';')
  const before = found(parts, question)
  if (type?.startsWith('application/apply-patch+')) {
    const manager = query.get('fieldManager')
    if (manager === null)
      throw badRequest(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
      )
    const applied = parsed(body) as KubeObject
    const force = query.get('force') === 'true'
    const next = apply({
      kind,
      current: before,
      applied,
      manager,
      force,
      now: parts.now(),
      subresource: info.subresource
    })
    return before === undefined
      ? createdByWrite(parts, question, next, true)
      : put(parts, question, structuredClone(next), before, true)
  }
  if (before === undefined) throw notFound(kind, info.name)
  return put(parts, question, structuredClone(patched(kind, type ?? '', before, body)), before)
}

const patched = (kind: Kind, type: string, before: KubeObject, body: string): KubeObject => {
  if (type === 'application/json-patch+json') return jsonPatch(before, parsed(body)) as KubeObject
  if (type === 'application/merge-patch+json') return mergePatch(before, parsed(body)) as KubeObject
  if (type === 'application/strategic-merge-patch+json') return strategicMerge(kind, before, parsed(body)) as KubeObject
  throw new Refused(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml`
  )
}

/** Deletes the object, or begins to. */
export const remove = (parts: WriteParts, question: WriteQuestion): Written => {
  const { kind, info, user, query, body } = question
  const before = found(parts, question)
  if (before === undefined) throw notFound(kind, info.name)
  // the API server reads options from the query only if there is no body
  const options = (body === '' ? fromQuery(query) : parsed(body)) as DeleteOptions
  const { uid, resourceVersion } = options.preconditions ?? {}
  const { metadata } = before
  if (uid !== undefined && uid !== metadata.uid) throw precondition(kind, info.name, 'UID', uid, metadata.uid)
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw precondition(kind, info.name, 'ResourceVersion', resourceVersion, metadata.resourceVersion)
  const dryRun = options.dryRun?.includes('All') === true
  const operation: Operation = {
    ...operationOf(question, user, { ...options, kind: 'DeleteOptions' }),
    operation: 'DELETE',
    before,
    dryRun
  }
  parts.mutate(operation)
  const warnings = parts.validate(operation)
  const waits = (metadata.finalizers ?? []).length > 0 || isGraceful(kind, before, options)
  if (waits) {
    const deletionTimestamp = metadata.deletionTimestamp ?? wholeSeconds(parts.now())
    const next = { ...before, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 } }
    return { code: 200, object: dryRun ? next : parts.objects.replace(kind, next), warnings }
  }
  const gone = dryRun ? before : parts.objects.delete(kind, metadata.name, metadata.namespace)
  if (kind.plural === 'pods') return { code: 200, object: gone, warnings }
  const details = {
    name: metadata.name,
    ...(kind.group !== '' && { group: kind.group }),
    kind: kind.plural,
    uid: metadata.uid
  }
  const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
  return { code: 200, object: object as unknown as KubeObject, warnings }
}

interface DeleteOptions {
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: string[]
  gracePeriodSeconds?: number
}

const fromQuery = (query: URLSearchParams): DeleteOptions => {
  const grace = query.get('gracePeriodSeconds')
  return { dryRun: query.getAll('dryRun'), ...(grace !== null && { gracePeriodSeconds: Number(grace) }) }
}

/** True for a Pod on a Node that its kubelet is to end first. */
const isGraceful = (kind: Kind, { spec }: KubeObject, { gracePeriodSeconds }: DeleteOptions): boolean => {
  if (kind.plural !== 'pods' || gracePeriodSeconds === 0) return false
  const { nodeName, terminationGracePeriodSeconds = 30 } = spec as Record<string, unknown>
  return nodeName !== undefined && (gracePeriodSeconds ?? terminationGracePeriodSeconds) !== 0
}

/** Resources that a PUT makes if they are not there (AllowCreateOnUpdate of their strategies). */
const createdByPut = new Set([
  ...['endpoints', 'events', 'leases'],
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'validatingadmissionpolicies']
])

const createdByWrite = (
  parts: WriteParts,
  question: WriteQuestion,
  object: KubeObject,
  mayCreate: boolean
): Written => {
  const { kind, info, user } = question
  const { uid } = object.metadata
  if (uid) throw absent(kind, info, uid)
  if (!mayCreate || info.subresource !== '') throw notFound(kind, info.name)
  const { allowed, reason } = parts.authorize({ ...info, user, verb: 'create' })
  if (!allowed) throw forbidden(kind, info.name, reason ?? 'it may not be created')
  const next = structuredClone(object)
  next.metadata.name = info.name
  if (kind.namespaced) next.metadata.namespace = info.namespace
  return put(parts, question, next, undefined, true)
}

/** Takes a write through admission and judgement to the store. `isOwned`: its managed fields are right as they are. */
const put = (
  parts: WriteParts,
  question: WriteQuestion,
  next: KubeObject,
  before: KubeObject | undefined,
  isOwned = false
): Written => {
  const { kind, info, user, query } = question
  const { subresource } = info
  if (before !== undefined) keepIdentity(kind, next, before)
  else
    Object.assign(next.metadata, {
      uid: randomUUID(),
      creationTimestamp: wholeSeconds(parts.now()),
      resourceVersion: ''
    })
  const dryRun = query.getAll('dryRun').includes('All')
  const operation: Operation = {
    ...operationOf(question, user, { kind: before === undefined ? 'CreateOptions' : 'UpdateOptions' }),
    operation: before === undefined ? 'CREATE' : 'UPDATE',
    object: next,
    ...(before && { before }),
    dryRun
  }
  const unknown = query.get('fieldValidation') === 'Strict' ? (kind.unknown?.(next) ?? []) : []
  if (unknown.length > 0) throw unknownFields(question, unknown)
  parts.mutate(operation)
  const write = { ...(before && { before }), subresource, now: parts.now(), user }
  kind.prepare(next, write)
  const faults = kind.judge(next, write)
  if (faults.length > 0) throw invalid(kind.group, kind.kind, next.metadata.name, faults)
  const warnings = parts.validate(operation)
  if (!isOwned) {
    const manager = query.get('fieldManager') || (question.headers['user-agent']?.split('/')[0] ?? 'unknown')
    next.metadata.managedFields = recordUpdate({ kind, before, next, manager, now: parts.now(), subresource })
  }
  const object = dryRun ? next : store(parts.objects, kind, next, before)
  return { code: before === undefined ? 201 : 200, object, warnings }
}

/** Stores the object. One that waits for its end goes with its last finalizer. */
const store = (objects: Objects, kind: Kind, next: KubeObject, before: KubeObject | undefined): KubeObject => {
  if (before === undefined) return objects.putBack(kind, next)
  const { name, namespace, deletionTimestamp, finalizers = [] } = next.metadata
  const stored = objects.replace(kind, next)
  const isOver = deletionTimestamp !== undefined && finalizers.length === 0
  if (isOver && (before.metadata.finalizers ?? []).length > 0) objects.delete(kind, name, namespace)
  return stored
}

/** Refuses a write of another version or another object, and keeps what nobody writes (apiserver, rest.BeforeUpdate). */
const keepIdentity = (kind: Kind, next: KubeObject, before: KubeObject): void => {
  const { name, namespace, uid, resourceVersion, creationTimestamp, generation } = before.metadata
  const { deletionTimestamp, deletionGracePeriodSeconds } = before.metadata
  const sent = next.metadata
  if (sent.uid && sent.uid !== uid) throw precondition(kind, name, 'UID', sent.uid, uid)
  if (sent.resourceVersion && sent.resourceVersion !== resourceVersion) throw modified(kind, name)
  const kept: Partial<Meta> = { name, uid, resourceVersion, creationTimestamp }
  for (const [field, value] of Object.entries({ namespace, generation, deletionTimestamp, deletionGracePeriodSeconds }))
    if (value === undefined) delete sent[field as keyof Meta]
    else Object.assign(kept, { [field]: value })
  Object.assign(sent, kept)
}

/** The refusal of fields that nobody knows: of a body it is another one than of a patch (apiserver, handlers/patch.go). */
const unknownFields = ({ kind, info }: WriteQuestion, fields: readonly string[]): Refused => {
  const words = `strict decoding error: ${fields.map((field) => `unknown field "${field}"`).join(', ')}`
  if (info.verb !== 'patch') return badRequest(words)
  return invalid(kind.group, kind.kind, info.name, [
    { reason: 'FieldValueInvalid', field: 'patch', message: `Invalid value: ${words}` }
  ])
}

const precondition = (kind: Kind, name: string, field: string, wanted: string, is: string): Refused =>
  conflict(kind, name, `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${is}`)

/** The refusal of a write that means one object, and there is none (apiserver, Preconditions.Check; of an apply handlers/patch.go). */
const absent = (kind: Kind, { name, verb }: RequestInfo, uid: string): Refused =>
  verb === 'update'
    ? precondition(kind, name, 'UID', uid, '')
    : conflict(kind, name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`)

const operationOf = (
  { kind, info }: WriteQuestion,
  user: User,
  options: Record<string, unknown>
): Omit<Operation, 'operation' | 'dryRun'> => ({
  kind,
  subresource: info.subresource,
  name: info.name,
  namespace: info.namespace,
  user,
  options
})

const found = ({ objects }: WriteParts, { kind, info }: WriteQuestion): KubeObject | undefined => {
  const object = objects.get(kind, info.name, kind.namespaced ? info.namespace : '')
  const apiVersion = versionOf(kind)
  return object === undefined || object.apiVersion === apiVersion ? object : { ...object, apiVersion }
}

/** Leases and custom objects are put only by their version (AllowUnconditionalUpdate is false). */
const mustNameVersion = ({ group }: Kind): boolean => group.includes('.') && !group.endsWith('.k8s.io')

/** Reads the object of a body. Throws 400 for another kind, version or namespace than those of the path. */
const decoded = ({ kind, info, body }: WriteQuestion): KubeObject => {
  const object = parsed(body) as Partial<KubeObject>
  const apiVersion = versionOf(kind)
  if ((object.apiVersion ?? apiVersion) !== apiVersion)
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`
    )
  if ((object.kind ?? kind.kind) !== kind.kind && info.subresource === '')
    throw badRequest(`${object.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}`)
  const metadata = (object.metadata ?? {}) as Meta
  if (kind.namespaced && (metadata.namespace ?? info.namespace) !== info.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (kind.namespaced) metadata.namespace = info.namespace
  return { ...object, apiVersion, kind: kind.kind, metadata }
}

const parsed = (body: string): object => {
  try {
    const value: unknown = /^\s*[{[]/.test(body) ? JSON.parse(body) : parse(body)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // the same answer as to a text that is no object
  }
  throw badRequest('the object provided is unrecognized (must be of type Object): it is no JSON')
}

const suffix = (): string =>
  randomBytes(16)
    .toString('base64')
    .replace(/[^a-z0-9]/g, '')
    .padEnd(5, 'x')
    .slice(0, 5)
