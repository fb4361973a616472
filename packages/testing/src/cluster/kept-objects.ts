import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { apiServer } from './api-server.ts'

interface Kept {
  metadata: Record<string, unknown> & { name: string }
  spec: Record<string, unknown>
}

type Answer = [status: number, body: unknown]

/** An API server that keeps Leases and the objects of the log, and has nothing else. */
export interface KeptObjects {
  kubeconfig(): string
  /** The Lease of the active server. */
  lease(): Record<string, unknown> | undefined
  /** Changes the Lease of the active server by hand. */
  edit(spec: Record<string, unknown>): void
  away(is: boolean): void
  /** All objects as they are now, as a snapshot of etcd has them. */
  snapshot(): ReadonlyMap<string, unknown>
  /** Puts all objects back. Versions go on. */
  restore(snapshot: ReadonlyMap<string, unknown>): void
}

/** Serves Leases and the objects of the log over HTTPS. It compares and swaps as the real API server does. */
export const keptObjects = async (t: Pick<Test, 'teardown'>): Promise<KeptObjects> => {
  const objects = new Map<string, Kept>()
  let version = 0
  let isAway = false
  const put = (path: string, { metadata, spec }: Kept): Kept => {
    version += 1
    const uid = objects.get(path)?.metadata.uid ?? `uid-${version}`
    const kept = { metadata: { ...metadata, uid, resourceVersion: String(version) }, spec }
    objects.set(path, kept)
    return kept
  }
  const list = (path: string): Kept[] => [...objects].flatMap(([at, one]) => (at.startsWith(`${path}/`) ? [one] : []))
  const create = (path: string, body: Kept): Answer => {
    const made = `${path}/${body.metadata.name}`
    return objects.has(made) ? refused(409, 'exists', path) : [201, put(made, body)]
  }
  const replace = (path: string, kept: Kept, body: Kept): Answer =>
    body.metadata.resourceVersion === kept.metadata.resourceVersion
      ? [200, put(path, body)]
      : refused(409, 'changed', path)
  const patch = (path: string, kept: Kept, [test, replace]: { value: unknown }[]): Answer =>
    test?.value === kept.spec.hash
      ? [200, put(path, { ...kept, spec: replace?.value as Kept['spec'] })]
      : refused(422, failedTest)
  const answer = (method: string, path: string, body: unknown): Answer => {
    if (method === 'GET' && /(leases|logdocuments)$/.test(path)) return [200, { metadata: {}, items: list(path) }]
    if (method === 'POST') return create(path, body as Kept)
    const kept = objects.get(path)
    if (kept === undefined) return refused(404, 'not found', path)
    if (method === 'PUT') return replace(path, kept, body as Kept)
    if (method === 'PATCH') return patch(path, kept, body as { value: unknown }[])
    if (method === 'DELETE') objects.delete(path)
    return [200, kept]
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sent = await text(request)
    if (isAway) return void request.socket.destroy()
    const { pathname } = new URL(request.url ?? '/', 'https://api')
    const isKept = /joinery-system\/(leases|logheads|logdocuments)/.test(pathname)
    const [status, body] = isKept
      ? answer(request.method ?? 'GET', pathname, sent === '' ? undefined : JSON.parse(sent))
      : refused(403, 'the test has nothing else')
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  const server = await apiServer(t, (request, response) => void serve(request, response))
  const lease = '/apis/coordination.k8s.io/v1/namespaces/joinery-system/leases/joinery-server'
  return {
    kubeconfig: () => server.kubeconfig('token'),
    lease: () => objects.get(lease)?.spec,
    edit: (spec) => {
      const kept = objects.get(lease) ?? { metadata: { name: 'joinery-server' }, spec: {} }
      put(lease, { ...kept, spec: { ...kept.spec, ...spec } })
    },
    away: (is) => {
      isAway = is
    },
    // objects are replaced, and never changed
    snapshot: () => new Map(objects),
    restore: (snapshot) => {
      objects.clear()
      for (const [path, kept] of snapshot) put(path, kept as Kept)
    }
  }
}

const failedTest = 'the server rejected our request due to an error in our request'

const refused = (code: number, message: string, name?: string): Answer => [
  code,
  { kind: 'Status', status: 'Failure', message, code, ...(name !== undefined && { details: { name } }) }
]
