import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { connect } from '@joinery/kube'
import { logGroup, logVersion } from '@joinery/kube/log'
import { namespace } from '@joinery/kube/names'
import { kubernetesLog } from '@joinery/server/testing/kubernetes'
import type { LogObjects } from '@joinery/server/testing/log'
import type { Test } from 'tap'
import { apiServer } from './api-server.ts'

/** Spec of an object of the log, as far as the API server reads it. */
interface Spec {
  log: string
  number: number
  term?: number
  hash?: string
}
interface Stored {
  metadata: { name: string; namespace: string; resourceVersion: string }
  spec: Spec
}
interface Sent {
  metadata?: { name?: string; resourceVersion?: string }
  spec?: Spec
  preconditions?: { resourceVersion?: string }
}
interface Answer {
  code: number
  body: object
}

const base = `/apis/${logGroup}/${logVersion}/namespaces/${namespace}/`

/** An API server that serves the two kinds of the log, and remembers every head that it ever had. */
export interface LogApi {
  /** The server's own client. Each has its own connection. */
  client(): LogObjects
  /** Every spec that the head ever had, oldest first. */
  readonly heads: readonly unknown[]
  /** The spec of an object as it is now: `logheads/joinery`, or `logdocuments/NAME`. */
  spec(path: string): unknown
  /** Puts an object there, or takes it away, as somebody does whom no policy stops. */
  edit(path: string, spec: unknown): void
  /** All specs by their paths. */
  snapshot(): ReadonlyMap<string, unknown>
  close(): void
}

/** Serves the objects of the log over HTTPS, as the API server does with the definitions that setup makes. */
export const logApi = async (t: Pick<Test, 'teardown'>): Promise<LogApi> => {
  const objects = new Map<string, Stored>()
  const heads: unknown[] = []
  let versions = 0
  const put = (path: string, spec: Spec): Answer => {
    versions += 1
    const name = path.split('/')[1] ?? ''
    objects.set(path, { metadata: { name, namespace, resourceVersion: String(versions) }, spec: structuredClone(spec) })
    if (path.startsWith('logheads/')) heads.push(structuredClone(spec))
    return { code: 200, body: objects.get(path) ?? {} }
  }
  const change = (path: string, spec: Spec): Answer =>
    goesBack(path, objects.get(path)?.spec, spec) ? status(422, 'it never goes back', path) : put(path, spec)

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '', 'https://any')
    const path = decodeURIComponent(url.pathname.slice(base.length))
    const { method } = request
    const sent = (method === 'GET' ? {} : await json(request)) as Sent
    if (path.includes('/')) return ofObject(method, path, sent)
    if (method === 'GET') return page([...objects], path, url.searchParams)
    const made = `${path}/${sent.metadata?.name}`
    return objects.has(made) ? status(409, 'it already exists', made) : put(made, sent.spec as Spec)
  }
  const ofObject = (method: string | undefined, path: string, sent: Sent): Answer => {
    const found = objects.get(path)
    if (found === undefined) return status(404, 'not found', path)
    const { resourceVersion } = found.metadata
    switch (method) {
      case 'PATCH': {
        const [test, replace] = sent as unknown as [{ value: string }, { value: Spec }]
        return found.spec.hash === test.value ? change(path, replace.value) : status(422, failedTest)
      }
      case 'PUT':
        return sent.metadata?.resourceVersion === resourceVersion
          ? change(path, sent.spec as Spec)
          : status(409, 'the object has been modified', path)
      case 'DELETE':
        if (sent.preconditions?.resourceVersion !== resourceVersion) return status(409, 'another version', path)
        objects.delete(path)
        return { code: 200, body: {} }
      default:
        return { code: 200, body: found }
    }
  }
  const api = await apiServer(t, async (request, response) => {
    const { code, body } = await answer(request)
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  return {
    heads,
    close: api.close,
    client: () => {
      const made = connect(api.kubeconfig('secret'))
      return kubernetesLog({ connection: () => made })
    },
    spec: (path) => structuredClone(objects.get(path)?.spec),
    edit: (path, spec) => {
      if (spec === undefined) objects.delete(path)
      else put(path, spec as Spec)
    },
    snapshot: () => new Map([...objects].map(([path, { spec }]) => [path, structuredClone(spec)]))
  }
}

/** Answer of the API server to a JSON Patch whose test failed (v1.37.2). It names no object. */
const failedTest = 'the server rejected our request due to an error in our request'

const status = (code: number, message: string, path = ''): Answer => ({
  code,
  body: { kind: 'Status', message, code, ...(path !== '' && { details: { name: path.split('/')[1] } }) }
})

/** The rules of the definitions by which an object goes forward. */
const goesBack = (path: string, before: Spec | undefined, next: Spec): boolean => {
  if (before === undefined) return false
  if (path.startsWith('logheads/')) return next.number < before.number || (next.term ?? 0) < (before.term ?? 0)
  return next.log === before.log && next.number < before.number
}

const page = (all: readonly [string, Stored][], kind: string, asked: URLSearchParams): Answer => {
  const from = Number(asked.get('continue') ?? 0)
  const to = from + Number(asked.get('limit') ?? all.length)
  const items = all.filter(([path]) => path.startsWith(`${kind}/`)).map(([, object]) => object)
  return {
    code: 200,
    body: { items: items.slice(from, to), metadata: to < items.length ? { continue: String(to) } : {} }
  }
}
