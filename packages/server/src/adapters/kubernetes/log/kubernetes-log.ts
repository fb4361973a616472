import { answerOf, type Connection, type LiveConnection, statusOf } from '@joinery/kube'
import { headName, logGroup, logVersion } from '@joinery/kube/log'
import { namespace } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { DocumentSpec, HeadSpec } from '../../../core/ports/log/format.ts'
import { type LogObjects, NotDone, type StoredDocument } from '../../../core/ports/log/log-objects.ts'
import { callFor, fieldManager, isAbsent, isTaken, refuserIn } from './outcome.ts'

/** Documents in a page. A page is in memory as a whole, and one document may have 384 KB. */
const documentsInPage = 100

const apiVersion = `${logGroup}/${logVersion}`
const of = (plural: 'logheads' | 'logdocuments') => ({ group: logGroup, version: logVersion, namespace, plural })
const heads = of('logheads')
const documents = of('logdocuments')

/**
 * Parameters of each write. `Strict`: the API server would drop a field that its definition does not know, and a later server would take
 * the object for a forged one.
 */
const writing = { fieldManager, fieldValidation: 'Strict' } as const

/** Options by which the answer of a write has the metadata alone, instead of half a megabyte that was just sent. */
const metadataOnly = () =>
  setHeaderOptions('Accept', 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json')

/** The objects of the log in a real cluster. The definitions say `joinery-server setup` for `store: cluster` made them. */
export const kubernetesLog = ({ connection }: Pick<LiveConnection, 'connection'>): LogObjects => {
  const call = <T>(work: (api: Connection) => Promise<T>): Promise<T> => callFor(connection, work)
  return {
    head: () => call((api) => whole(() => head(api))),
    makeHead: (spec) => call((api) => whole(() => makeHead(api, spec))),
    moveHead: (before, spec) => call((api) => whole(() => moveHead(api, before, spec))),
    documents: () => allDocuments(call),
    writeDocument: (document, version) => call((api) => whole(() => writeDocument(api, document, version))),
    readDocument: (name) => call((api) => whole(() => readDocument(api, name))),
    deleteDocument: (name, version) => call((api) => whole(() => deleteDocument(api, name, version)))
  }
}

/** Does `work`. A 404 that names no object is about the kind: an absent kind must not look like an absent head. */
const whole = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (statusOf(error) !== 404 || refuserIn(error) !== undefined) throw error
    throw new NotDone(
      `the cluster does not serve the kinds of ${logGroup} (404): run joinery-server setup with store: cluster in the configuration`,
      { cause: error }
    )
  }
}

interface GivenObject {
  metadata?: { name?: string; resourceVersion?: string }
  spec?: unknown
}

const head = async ({ custom }: Connection): Promise<HeadSpec | undefined> => {
  try {
    const object: GivenObject = await custom.getNamespacedCustomObject({ ...heads, name: headName })
    return object.spec as HeadSpec
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

const makeHead = async ({ custom }: Connection, spec: HeadSpec): Promise<'made' | 'exists'> => {
  const body = { apiVersion, kind: 'LogHead', metadata: { name: headName, namespace }, spec }
  try {
    await custom.createNamespacedCustomObject({ ...heads, ...writing, body }, metadataOnly())
    return 'made'
  } catch (error) {
    if (isTaken(error)) return 'exists'
    throw error
  }
}

const moveHead = async ({ custom }: Connection, before: string, spec: HeadSpec): Promise<'moved' | 'other'> => {
  const body = [
    { op: 'test', path: '/spec/hash', value: before },
    { op: 'replace', path: '/spec', value: spec }
  ]
  try {
    await custom.patchNamespacedCustomObject(
      { ...heads, ...writing, name: headName, body },
      setHeaderOptions('Content-Type', PatchStrategy.JsonPatch, metadataOnly())
    )
    return 'moved'
  } catch (error) {
    if (isAbsent(error) || isFailedTest(error)) return 'other'
    throw error
  }
}

/**
 * True if the `test` of a JSON Patch failed. The API server does not say so: it answers 422 in these words, and names no object and no cause
 * (applyJSPatch of v1.37.2, apiserver/pkg/endpoints/handlers/patch.go). A policy, a webhook and the schema refuse with 422 as well, and
 * say who refused.
 */
const isFailedTest = (error: unknown): boolean => {
  const answer = answerOf(error)
  return answer?.code === 422 && answer.name === undefined && answer.message === failedTest
}

const failedTest = 'the server rejected our request due to an error in our request'

async function* allDocuments(
  call: <T>(work: (api: Connection) => Promise<T>) => Promise<T>
): AsyncGenerator<readonly StoredDocument[], void, undefined> {
  let next: string | undefined
  do {
    // without a resourceVersion the list is as new as a quorum of etcd, and each page is of the same moment
    const page = { ...documents, limit: documentsInPage, ...given({ _continue: next }) }
    const list: { items?: GivenObject[]; metadata?: { continue?: string } } = await call(({ custom }) =>
      whole(() => custom.listNamespacedCustomObject(page))
    )
    yield (list.items ?? []).map(stored)
    next = list.metadata?.continue || undefined
  } while (next !== undefined)
}

const stored = ({ metadata = {}, spec }: GivenObject): StoredDocument => ({
  name: metadata.name ?? '',
  version: metadata.resourceVersion ?? '',
  spec: spec as DocumentSpec
})

const writeDocument = async (
  { custom }: Connection,
  { name, ...spec }: DocumentSpec & { name: string },
  version: string | undefined
): Promise<{ version: string } | 'other'> => {
  const metadata = { name, namespace, ...given({ resourceVersion: version }) }
  const body = { apiVersion, kind: 'LogDocument', metadata, spec }
  try {
    const written: GivenObject =
      version === undefined
        ? await custom.createNamespacedCustomObject({ ...documents, ...writing, body }, metadataOnly())
        : await custom.replaceNamespacedCustomObject({ ...documents, ...writing, name, body }, metadataOnly())
    return { version: written.metadata?.resourceVersion ?? '' }
  } catch (error) {
    if (isTaken(error) || (version !== undefined && isAbsent(error))) return 'other'
    throw error
  }
}

const readDocument = async ({ custom }: Connection, name: string): Promise<StoredDocument | undefined> => {
  try {
    return stored(await custom.getNamespacedCustomObject({ ...documents, name }))
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

const deleteDocument = async (
  { custom }: Connection,
  name: string,
  resourceVersion: string
): Promise<'deleted' | 'gone' | 'other'> => {
  try {
    await custom.deleteNamespacedCustomObject({ ...documents, name, body: { preconditions: { resourceVersion } } })
    return 'deleted'
  } catch (error) {
    if (isAbsent(error)) return 'gone'
    if (isTaken(error)) return 'other'
    throw error
  }
}
