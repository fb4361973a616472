import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import { connect, type Manifest } from '@joinery/kube'
import { definitions, doorVersion, earlierVersion as earlier, withEarlierVersion } from '@joinery/kube/door'
import { apiServer } from '@joinery/testing/cluster/api-server'
import type { Test } from 'tap'

interface Version {
  name: string
  served: boolean
  storage: boolean
}
interface Definition {
  metadata: { name: string; resourceVersion: string; labels?: object | undefined }
  spec: { versions: Version[] }
  status: { storedVersions: string[]; conditions: object[] }
}
interface Stored {
  /** Version in which etcd has the object. */
  as: string
  resourceVersion: string
  by: string
  body: { metadata: { name: string }; [field: string]: unknown }
}
interface Answer {
  code: number
  body: object
}

/**
 * What happens to a write: the connection is cut before or after it is carried out, or it is carried out when the test says so. `unheard`:
 * from then on the API server knows nothing of the present version.
 */
export type Fault = 'before' | 'after' | 'late' | 'unheard'

/** An API server that has definitions in several versions, and etcd with objects in each. */
export interface VersionedApi {
  connection(user: 'admin' | 'server'): ReturnType<typeof connect>
  /** Makes the cluster what it was at the beginning, without objects. */
  begin(): void
  /** Makes an object as a program of before did, in the version that is stored now. */
  make(path: string, fields?: object): void
  remove(path: string): void
  read(path: string): Stored | undefined
  definition(plural: string): Definition
  /** Calls this before each write; what it returns happens to the write. */
  onWrite(fault: (line: string) => Fault | undefined): void
  /** Carries out what is late. */
  arrive(): void
  /** Objects that the API server cannot read, since it knows nothing of the version that they are stored in. */
  lost(): string[]
  /** Lines of the writes so far. */
  readonly writes: string[]
}

/** The definitions as a version of before had them: only the earlier version, which is stored. */
const before = (definition: Manifest): Definition['spec'] => {
  const { spec } = structuredClone(withEarlierVersion(definition)) as unknown as Definition
  const versions = spec.versions.filter(({ name }) => name === earlier).map((one) => ({ ...one, storage: true }))
  return { ...spec, versions }
}

/** An API server of a cluster that a version of before set up. `isNew`: it was set up by this one. */
export const versionedApi = async (t: Test, isNew = false): Promise<VersionedApi> => {
  let versions = 1
  let unheard = false
  let fault: (line: string) => Fault | undefined = () => undefined
  const writes: string[] = []
  const late: (() => void)[] = []
  const next = (): string => {
    versions += 1
    return String(versions)
  }
  const known = new Map<string, Definition>()
  const objects = new Map<string, Stored>()
  const begin = (): void => {
    fault = () => undefined
    unheard = false
    objects.clear()
    for (const definition of definitions) {
      const spec = isNew ? (structuredClone(definition) as unknown as Definition).spec : before(definition)
      const status = { storedVersions: [isNew ? doorVersion : earlier], conditions: [] }
      const { name } = definition.metadata
      known.set(name, { metadata: { name, resourceVersion: next() }, spec, status })
    }
  }
  begin()
  const definitionOf = (plural: string): Definition => known.get(`${plural}.joinery.dev`) as Definition
  const storageOf = (plural: string): string =>
    definitionOf(plural).spec.versions.find(({ storage }) => storage)?.name ?? ''
  const pluralOf = (path: string): string => path.split('/')[0] ?? ''

  const lost = (): string[] =>
    [...objects].flatMap(([path, { as }]) =>
      definitionOf(pluralOf(path)).spec.versions.some(({ name }) => name === as) ? [] : [path]
    )
  const refused = (code: number, message: string, name = 'a'): Answer => ({
    code,
    body: { kind: 'Status', code, message, details: { name } }
  })

  const ofDefinition = (method: string, name: string, part: string | undefined, sent: Partial<Definition>): Answer => {
    const found = known.get(name)
    if (found === undefined) return refused(404, 'no such definition', name)
    if (method === 'GET') return { code: 200, body: found }
    if (part === 'status') {
      const { resourceVersion = found.metadata.resourceVersion } = sent.metadata ?? {}
      if (resourceVersion !== found.metadata.resourceVersion) return refused(409, 'it has changed', name)
      return change(found, { ...found, status: { ...found.status, ...sent.status } })
    }
    const spec = sent.spec as Definition['spec']
    const { storedVersions } = found.status
    const [missing] = storedVersions.filter((stored) => !spec.versions.some((one) => one.name === stored))
    if (missing !== undefined)
      return refused(422, `status.storedVersions: "${missing}": missing from spec.versions`, name)
    const storage = spec.versions.find((one) => one.storage)?.name ?? ''
    const status = { ...found.status, storedVersions: [...new Set([...storedVersions, storage])] }
    const { labels } = sent.metadata ?? {}
    return change(found, { metadata: { ...found.metadata, labels }, spec, status })
  }
  const change = (found: Definition, made: Definition): Answer => {
    if (isDeepStrictEqual(found, made)) return { code: 200, body: found }
    const { name } = found.metadata
    known.set(name, { ...made, metadata: { ...made.metadata, resourceVersion: next() } })
    return { code: 200, body: known.get(name) ?? {} }
  }

  const shown = (version: string, { body, resourceVersion }: Stored): object => ({
    ...body,
    apiVersion: `joinery.dev/${version}`,
    metadata: { ...body.metadata, resourceVersion }
  })
  const ofObject = (
    method: string,
    [version = '', plural = '', name]: string[],
    sent: Stored['body'],
    user: string
  ): Answer => {
    if (unheard && version === doorVersion) return { code: 404, body: { message: '404 page not found' } }
    if (!definitionOf(plural)?.spec.versions.some((one) => one.name === version && one.served))
      return { code: 404, body: { message: '404 page not found' } }
    if (lost().some((path) => pluralOf(path) === plural)) return refused(500, 'no kind is registered for the version')
    if (name === undefined) {
      const items = [...objects].filter(([path]) => pluralOf(path) === plural).map(([, one]) => shown(version, one))
      return { code: 200, body: { metadata: {}, items } }
    }
    const found = objects.get(`${plural}/${name}`)
    if (found === undefined) return refused(404, 'not found', name)
    if (method === 'GET') return { code: 200, body: shown(version, found) }
    return (
      put(`${plural}/${name}`, found, sent, user) ?? {
        code: 200,
        body: shown(version, objects.get(`${plural}/${name}`) ?? found)
      }
    )
  }
  /** Writes an object as it is. Undefined if the API server takes it. */
  const put = (path: string, found: Stored, sent: Stored['body'], user: string): Answer | undefined => {
    const [plural = '', name] = path.split('/')
    const mayWrite = ['enrolments', 'installations'].includes(plural) ? user === 'server' : user === 'admin'
    if (!mayWrite) return refused(422, 'denied request: the pairing server alone writes what it shows', name)
    const { resourceVersion } = sent.metadata as { resourceVersion?: string }
    if (resourceVersion !== found.resourceVersion) return refused(409, 'the object has been modified', name)
    if ('labels' in found.body.metadata) return refused(422, 'denied request: it has at most 16 labels', name)
    const as = storageOf(plural)
    if (as !== found.as) objects.set(path, { ...found, as, resourceVersion: next(), by: user })
    return undefined
  }

  const answer = (method: string, path: string, body: string, user: string): Answer => {
    const [, , group, version = '', plural = '', name = '', part] = path.split('/')
    const sent = body === '' ? {} : JSON.parse(body)
    if (group === 'apiextensions.k8s.io') return ofDefinition(method, name, part, sent)
    return ofObject(method, [version, plural, ...(name === '' ? [] : [name])], sent, user)
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '', 'https://api')
    const method = request.method ?? ''
    const user = request.headers.authorization?.slice('Bearer '.length) ?? ''
    const body = await text(request)
    const carryOut = (): Answer => answer(method, pathname, body, user)
    const line = `${method} ${pathname.replace(/^\/apis\/[^/]+\/[^/]+\//, '')}`
    if (method !== 'GET') {
      const met = fault(line)
      writes.push(line)
      if (met === 'after') carryOut()
      if (met === 'late') late.push(carryOut)
      if (met === 'unheard') unheard = true
      else if (met !== undefined) return void request.socket.destroy()
    }
    const { code, body: given } = carryOut()
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(given))
  }
  const api = await apiServer(t, (request, response) => void serve(request, response))

  const connections = { admin: connect(api.kubeconfig('admin')), server: connect(api.kubeconfig('server')) }

  return {
    connection: (user) => connections[user],
    begin,
    make: (path, fields = {}) => {
      const [plural = '', name = ''] = path.split('/')
      const body = { kind: plural, metadata: { name }, ...fields }
      objects.set(path, { as: storageOf(plural), resourceVersion: next(), by: '', body })
    },
    remove: (path) => void objects.delete(path),
    read: (path) => objects.get(path),
    definition: definitionOf,
    onWrite: (made) => {
      fault = made
    },
    arrive: () => {
      for (const carryOut of late.splice(0)) carryOut()
    },
    lost,
    writes
  }
}
