import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectionBroken, type KubeObject, type Meet } from '@joinery/fake-kubernetes'
import { codeVerbs, doorGroup, doorVersion, enrolmentVerbs } from '@joinery/kube/door'
import type { Test } from 'tap'
import type { TestClock } from '../clocks/test-clock.ts'
import type { FakeCluster } from '../cluster/fake/fake-cluster.ts'

/** Something that goes wrong with one request. */
export interface Fault {
  /** Matches `GET /apis/...`, the query included. */
  request: RegExp
  /** True if the API server carries out the request all the same, and only its answer is wrong. */
  carriedOut?: true
  /** Answers with this status and message or this text, ends the connection, or never answers. */
  answer:
    | { status: number; message?: string; headers?: Record<string, string> }
    | { body: string | ((group: string) => string) }
    | 'cut'
    | 'none'
  /** Number of requests that meet the fault; 1 if absent. */
  times?: number
}

export interface Front {
  /** Path of a kubeconfig for the user. Its context is called context. */
  kubeconfig(user?: string): Promise<string>
  /** Requests so far, as `GET /apis/...`, each with its body. */
  requests: { line: string; body: string }[]
  /** Makes something go wrong with a request to come. */
  fault(fault: Fault): void
  /** Answers the next such request with the text that `text` makes of the first group of the pattern. */
  answerAs(request: RegExp, text: (group: string) => string): void
  /** Verbs of our own that a user has, whose kubeconfig comes later. A user who is not named is bound to `joinery-admin`. */
  verbs: Map<string, readonly string[]>
  /** Changes the spec of each new Decision on its way, as somebody's MutatingAdmissionPolicy does. */
  mutate: (spec: Record<string, unknown>) => object
  /** Codes by their names. */
  readonly codes: ReadonlyMap<string, KubeObject>
  /** Makes a CodeTemplate, though its definition would refuse it. */
  template(name: string, spec: object): void
  /** uid of the Namespace kube-system. */
  readonly uid: string
  close(): Promise<void>
  /** Cuts every connection, watches too, and listens again. */
  restart(): Promise<void>
}

/** Lets a cluster and its server live at the present: a laptop judges by its own clock how old a statement is. */
export const atPresent = async (_: FakeCluster, clock: TestClock): Promise<void> =>
  clock.advance(Date.now() - clock.now().getTime())

/** Verbs of our own that a user may lack. */
const ownVerbs: readonly string[] = [...enrolmentVerbs, ...codeVerbs]
const rbac = 'rbac.authorization.k8s.io'
const codes = { group: doorGroup, plural: 'codes' }

/** Opens the API server of a cluster to operators, over TLS, and watches and bends what they ask. */
export const kubernetesFront = async (t: Test, { fake }: Pick<FakeCluster, 'fake'>): Promise<Front> => {
  const { objects } = fake
  const put = (group: string, version: string, plural: string, kind: string, name: string, rest: object): void => {
    const metadata = { name, uid: '', resourceVersion: '', creationTimestamp: '' }
    objects.create({ group, plural }, { apiVersion: `${group}/${version}`, kind, metadata, ...rest })
  }

  let waiting: (Fault & { left: number })[] = []
  const faultOf = (line: string): Fault | undefined => {
    const met = waiting.find(({ request }) => request.test(line))
    if (met === undefined) return undefined
    met.left -= 1
    if (met.left === 0) waiting = waiting.filter((fault) => fault !== met)
    return met
  }
  const meet: Meet = async (message, carryOut) => {
    const { method, url: asked, body } = message
    const line = `${method} ${decodeURIComponent(asked.pathname + asked.search)}`
    front.requests.push({ line, body })
    if (/^POST .*\/decisions\b/.test(line)) {
      const sent = JSON.parse(body)
      message.body = JSON.stringify({ ...sent, spec: front.mutate(sent.spec) })
    }
    const fault = faultOf(line)
    if (fault === undefined) return carryOut()
    if (fault.carriedOut) await carryOut()
    const { answer, request } = fault
    if (answer === 'cut') throw connectionBroken()
    if (answer === 'none') return new Promise(() => {})
    if ('body' in answer) {
      const text = typeof answer.body === 'string' ? answer.body : answer.body(request.exec(line)?.[1] ?? '')
      return { code: 200, headers: { 'content-type': 'application/json' }, body: text }
    }
    const { status, message: words = 'as the test says', headers } = answer
    const refusal = fake.api.refusal(status, '', words)
    return { ...refusal, headers: { ...refusal.headers, ...headers } }
  }

  let listening = await fake.listen(meet)
  const { url } = listening
  t.teardown(() => listening.close())
  const folder = mkdtempSync(join(tmpdir(), 'joinery-front-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const bind = (user: string): void => {
    const admin = objects.get<KubeObject & { rules?: { verbs: string[] }[] }>(
      { group: rbac, plural: 'clusterroles' },
      'joinery-admin'
    )
    const has = front.verbs.get(user) ?? ownVerbs
    const verbsOf = (all: readonly string[]) => all.filter((verb) => !ownVerbs.includes(verb) || has.includes(verb))
    const rules = [
      ...(admin?.rules ?? []).map((rule) => ({ ...rule, verbs: verbsOf(rule.verbs) })),
      // no role of Joinery's gives this, which the command reads with the rights of its user
      { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list'] }
    ]
    put(rbac, 'v1', 'clusterroles', 'ClusterRole', `operator-${user}`, { rules })
    put(rbac, 'v1', 'clusterrolebindings', 'ClusterRoleBinding', `operator-${user}`, {
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: `operator-${user}` },
      subjects: [{ apiGroup: rbac, kind: 'User', name: user }]
    })
  }
  const kubeconfigs = new Map<string, Promise<string>>()
  const write = async (user: string): Promise<string> => {
    bind(user)
    const path = join(folder, `${user}.conf`)
    const pair = await fake.authority.issueFor({ commonName: user })
    await writeFile(path, fake.kubeconfig(pair, url))
    return path
  }
  const front: Front = {
    kubeconfig: (user = 'alice') => {
      const path = kubeconfigs.get(user) ?? write(user)
      kubeconfigs.set(user, path)
      return path
    },
    requests: [],
    fault: (fault) => void waiting.push({ ...fault, left: fault.times ?? 1 }),
    answerAs: (request, body) => front.fault({ request, answer: { body } }),
    verbs: new Map(),
    mutate: (spec) => spec,
    get codes() {
      return new Map(objects.list(codes).map((object) => [object.metadata.name, object]))
    },
    template: (name, spec) => put(doorGroup, doorVersion, 'codetemplates', 'CodeTemplate', name, { spec }),
    get uid() {
      return objects.get({ group: '', plural: 'namespaces' }, 'kube-system')?.metadata.uid ?? ''
    },
    close: () => listening.close(),
    restart: async () => {
      await listening.close()
      listening = await fake.listen(meet, Number(new URL(url).port))
    }
  }
  return front
}
