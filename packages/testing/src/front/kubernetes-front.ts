import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { codeVerbs, doorVersion, enrolmentVerbs } from '@joinery/kube/door'
import { fixedFacts } from '@joinery/server/testing/trust'
import type { Test } from 'tap'
import { apiServer } from '../cluster/api-server.ts'
import type { FakeCluster } from '../cluster/fake/fake-cluster.ts'
import { type Answer, noKind, notFound, Refused, refusal } from './answer.ts'
import { type Fault, Faults } from './faults.ts'
import { codesOf, decisionsOf, type JudgeCode, type Kind, type Mutate, readNamed, type Sent, viewsOf } from './kinds.ts'
import { type Listed, Pages } from './pages.ts'
import { signedNow, signerIn } from './signed-installation.ts'

export interface Front {
  /** Path of a kubeconfig for the user. Its context is called x. */
  kubeconfig(user?: string): string
  /** Requests so far, as `GET /apis/...`, each with its body. */
  requests: { line: string; body: string }[]
  /** Makes something go wrong with a request to come. */
  fault(fault: Fault): void
  /** Answers the next such request with the text that `text` makes of the first group of the pattern. */
  answerAs(request: RegExp, text: (group: string) => string): void
  /** Verbs of each user. A user who is not named has all of them. */
  verbs: Map<string, readonly string[]>
  /** Says what becomes of new Codes. */
  judge: JudgeCode
  /** Changes each new Decision on its way, as somebody's MutatingAdmissionPolicy does. */
  mutate: Mutate
  /** Status of each Code by its name. */
  codes: ReadonlyMap<string, Listed & { status?: unknown }>
  templates: Map<string, object>
  /** Statuses of Enrolments in place of those that the server writes, or beside them, by name. */
  instead: Map<string, unknown>
  /** Status of the Installation in place of the one that the server writes. */
  installation?: object
  /** Status of the Installation as the server writes it. */
  shown(): Promise<object | undefined>
  /** uid of the Namespace kube-system. */
  uid: string
  /** Versions in which the kinds of Joinery are served. A cluster serves two while setup moves its objects. */
  versions: Set<string>
  /** Takes the kinds of Joinery away. */
  lack(): void
  forgetLists(): void
  /** Deletes all objects of this kind, as somebody does who may. */
  removeAll(plural: 'decisions' | 'codes'): Promise<void>
  close(): void
}

const group = /^\/apis\/joinery\.dev\/(\w+)\/(\w+)(?:\/([^/]+))?$/

/**
 * Serves the objects of the door of a rehearsal cluster as the API server does: only the requests that the operators' command makes. A
 * user's token is the user's name. The rehearsal decides about Decisions and views; Codes have a stand-in for the server. `state`: folder
 * of the server behind it.
 */
export const kubernetesFront = async (t: Test, cluster: FakeCluster, state?: string): Promise<Front> => {
  const [faults, pages, verbs] = [new Faults(), new Pages(), new Map<string, readonly string[]>()]
  const codes = codesOf(() => front.judge, verbs)
  const templates = new Map<string, object>()
  const views = viewsOf(cluster, 'enrolments')
  let kinds: Record<string, Kind> = {
    enrolments: {
      ...views,
      list: async () => [
        ...(await views.list()).filter(({ metadata }) => !front.instead.has(metadata.name)),
        ...[...front.instead].map(([name, status]) => ({ ...head(name), status }))
      ]
    },
    installations: {
      fields: [],
      list: async () => {
        const { installation: status = await shown() } = front
        return status === undefined ? [] : [{ ...head('joinery'), status }]
      }
    },
    decisions: decisionsOf(cluster, verbs, () => front.mutate),
    codes,
    codetemplates: { fields: [], list: async () => [...templates].map(([name, spec]) => ({ ...head(name), spec })) }
  }

  const shown = async (): Promise<object | undefined> => {
    const view = cluster.views.statuses('installations').get('joinery') as object | undefined
    return view === undefined || state === undefined ? view : signedNow(await signerIn(state), view)
  }

  const ofJoinery = async (method: string, url: URL, body: Sent, user: string): Promise<Answer> => {
    const [, version = '', plural = '', name] = group.exec(url.pathname) ?? []
    const kind = front.versions.has(version) ? kinds[plural] : undefined
    if (kind === undefined) throw noKind()
    const dry = url.searchParams.get('dryRun') === 'All'
    if (method === 'POST' && kind.create !== undefined) {
      return { status: 201, body: await kind.create(body, user, dry) }
    }
    if (name === undefined) return { status: 200, body: pages.page(await kind.list(), url.searchParams, kind.fields) }
    const object = await readNamed(kind, plural, decodeURIComponent(name))
    if (method !== 'DELETE') return { status: 200, body: object }
    if (!dry) await kind.remove?.(object.metadata.name)
    return { status: 200, body: { kind: 'Status', status: 'Success' } }
  }

  /** Answers of the API server about the user who asks. */
  const reviewed = (pathname: string, body: Sent, user: string): object =>
    pathname === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      ? { allowed: mayDo(verbs.get(user), body) }
      : { userInfo: { username: user } }

  const answer = async (method: string, url: URL, body: Sent, user: string): Promise<Answer> => {
    const { pathname, searchParams } = url
    if (user === '') return refusal(401, 'Unauthorized')
    if (group.test(pathname)) return ofJoinery(method, url, body, user)
    if (/\/selfsubject(access)?reviews$/.test(pathname))
      return { status: 201, body: { status: reviewed(pathname, body, user) } }
    if (pathname === '/api/v1/namespaces/kube-system') return { status: 200, body: head('kube-system', front.uid) }
    if (pathname === '/version') return { status: 200, body: { gitVersion: 'v1.37.2' } }
    if (pathname === '/api/v1/pods') {
      const [, node = ''] = /^spec\.nodeName=(.*)$/.exec(searchParams.get('fieldSelector') ?? '') ?? []
      return { status: 200, body: { metadata: {}, items: (await cluster.boundPods(node)).map(podOf) } }
    }
    return ofNodes(url)
  }

  const ofNodes = async ({ pathname, searchParams }: URL): Promise<Answer> => {
    const [, name] = /^\/api\/v1\/nodes(?:\/([^/]+))?$/.exec(pathname) ?? []
    const nodes = (await cluster.nodes()).map(nodeOf)
    if (name === undefined) return { status: 200, body: pages.page(nodes, searchParams, []) }
    const node = nodes.find(({ metadata }) => metadata.name === name)
    if (node === undefined) throw notFound('nodes', name)
    return { status: 200, body: node }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'https://front')
    const [method, line] = [request.method ?? 'GET', `${request.method} ${decodeURIComponent(request.url ?? '')}`]
    const body = await text(request)
    front.requests.push({ line, body })
    const fault = faults.meet(line)
    const user = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const carryOut = () =>
      answer(method, url, body === '' ? {} : JSON.parse(body), user).catch((error) => {
        if (error instanceof Refused) return error.answer
        return refusal(500, String(error))
      })
    if (fault === undefined) return send(response, await carryOut())
    if (fault.carriedOut) await carryOut()
    if (fault.answer === 'cut') return void request.socket.destroy()
    if (fault.answer === 'none') return
    if ('body' in fault.answer) {
      const { body: made } = fault.answer
      response.setHeader('content-type', 'application/json')
      return void response.end(typeof made === 'string' ? made : made(fault.request.exec(line)?.[1] ?? ''))
    }
    const { status, message = 'as the test says', name, headers = {} } = fault.answer
    send(response, { ...refusal(status, message, name), headers })
  }

  const server = await apiServer(t, (request, response) => void serve(request, response))
  const facts = state === undefined ? undefined : await fixedFacts(join(state, 'kubeconfig'))
  const folder = mkdtempSync(join(tmpdir(), 'joinery-front-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const front: Front = {
    kubeconfig: (user = 'alice') => {
      const path = join(folder, `${user}.conf`)
      writeFileSync(path, server.kubeconfig(user))
      return path
    },
    requests: [],
    instead: new Map(),
    fault: (fault) => faults.add(fault),
    answerAs: (request, made) => faults.add({ request, answer: { body: made } }),
    verbs,
    judge: () => ({ state: 'open', used: 0 }),
    mutate: (spec) => spec,
    codes: codes.objects,
    templates,
    shown,
    uid: facts?.cluster ?? 'b1946ac9-2492-4d3f-9b2f-000000000001',
    lack: () => {
      kinds = {}
    },
    versions: new Set([doorVersion]),
    forgetLists: () => pages.forget(),
    removeAll: async (plural) => {
      for (const { metadata } of (await kinds[plural]?.list()) ?? []) await kinds[plural]?.remove?.(metadata.name)
    },
    close: () => server.close()
  }
  return front
}

/** Verbs of our own that a user may lack. All others they have. */
const ownVerbs: readonly string[] = [...enrolmentVerbs, ...codeVerbs]

const mayDo = (has: readonly string[] | undefined, { spec }: Sent): boolean => {
  const { verb } = (spec?.resourceAttributes ?? {}) as { verb?: string }
  return verb !== undefined && (!ownVerbs.includes(verb) || (has?.includes(verb) ?? true))
}

const send = (response: ServerResponse, { status, body, headers = {} }: Answer): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

const head = (name: string, uid = name) => ({
  metadata: { name, uid, creationTimestamp: '2026-11-25T12:00:00Z', resourceVersion: '1', generation: 1 }
})

const podOf = ({ namespace, name, controller }: { namespace: string; name: string; controller: string }) => ({
  metadata: {
    namespace,
    name,
    ...(controller !== '' && { ownerReferences: [{ kind: controller, name: 'one', uid: 'one', controller: true }] })
  }
})

type ClusterNodes = Awaited<ReturnType<FakeCluster['nodes']>>

const nodeOf = (node: ClusterNodes[number]) => ({
  metadata: { name: node.name, uid: node.uid, creationTimestamp: node.created.toISOString(), labels: node.labels },
  spec: { taints: node.taints },
  status: {
    conditions: [{ type: 'Ready', status: node.ready, reason: node.reason, message: node.message }],
    nodeInfo: { machineID: node.machineId, systemUUID: node.systemUuid }
  }
})
