import { text } from 'node:stream/consumers'
import { connect } from '@joinery/kube'
import { ProblemError } from '@joinery/protocol'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesLease } from '../../../../src/adapters/kubernetes/log/kubernetes-lease.ts'
import { kubernetesLog } from '../../../../src/adapters/kubernetes/log/kubernetes-log.ts'
import type { DocumentSpec, HeadSpec } from '../../../../src/core/ports/log/format.ts'

interface Answer {
  status: number
  body?: object | string
  headers?: Record<string, string>
}
interface Asked {
  method: string
  url: string
  type: string | undefined
  accept: string | undefined
  body: unknown
}

/** Real client of an API server that answers each request as was said last. `cut` ends the connection in place of an answer. */
const opened = async (t: Test, first: Answer | 'cut' | ((asked: Asked) => Answer)) => {
  const asked: Asked[] = []
  let answer = first
  const api = await apiServer(t, async (request, response) => {
    const sent = await text(request)
    const { method = '', url = '', headers } = request
    const one = { method, url, type: headers['content-type'], accept: headers.accept, body: sent && JSON.parse(sent) }
    asked.push(one)
    if (answer === 'cut') return request.socket.destroy()
    const { status, body = {}, headers: more } = typeof answer === 'function' ? answer(one) : answer
    response
      .writeHead(status, { 'content-type': 'application/json', ...more })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
    return undefined
  })
  const made = connect(api.kubeconfig('secret'))
  const connection = () => made
  const says = (next: typeof first) => {
    answer = next
  }
  return { says, asked, log: kubernetesLog({ connection }), lease: kubernetesLease({ connection }) }
}

const hash = 'a'.repeat(64)
const head: HeadSpec = {
  format: 1,
  log: 'l',
  number: 2,
  hash: 'b'.repeat(64),
  term: 1,
  holder: 'h',
  documents: hash,
  batches: [{ number: 2, term: 1, text: 'QQ==' }],
  mac: hash
}
const document: DocumentSpec & { name: string } = { name: 'd', format: 1, log: 'l', number: 2, text: 'QQ==', mac: hash }
const { name: _, ...spec } = document
const lease = {
  holder: 'me',
  term: 3,
  renewed: '2026-01-01T00:00:02.500Z',
  acquired: '2026-01-01T00:00:00.000Z',
  seconds: 12,
  address: 'https://a:7443'
}

const status = (code: number, message: string, name = ''): Answer => ({
  status: code,
  body: { kind: 'Status', message, ...(name !== '' && { details: { name } }) }
})
const failedTest = status(422, 'the server rejected our request due to an error in our request')

type Opened = Awaited<ReturnType<typeof opened>>
const all = async ({ log }: Opened): Promise<unknown[]> => {
  const found: unknown[] = []
  for await (const page of log.documents()) found.push(...page)
  return found
}
const calls: Record<string, (one: Opened) => Promise<unknown>> = {
  head: ({ log }: Opened) => log.head(),
  makeHead: ({ log }: Opened) => log.makeHead(head),
  moveHead: ({ log }: Opened) => log.moveHead(hash, head),
  documents: all,
  'create a document': ({ log }: Opened) => log.writeDocument(document, undefined),
  'put a document': ({ log }: Opened) => log.writeDocument(document, '7'),
  readDocument: ({ log }: Opened) => log.readDocument('d'),
  deleteDocument: ({ log }: Opened) => log.deleteDocument('d', '7'),
  'read the Lease': ({ lease: one }: Opened) => one.read(),
  'create the Lease': ({ lease: one }: Opened) => one.write(lease, undefined),
  'put the Lease': ({ lease: one }: Opened) => one.write(lease, '7')
}
const names = Object.keys(calls)
const call = (name: string, one: Opened): Promise<unknown> => calls[name]?.(one) ?? Promise.reject(new Error(name))

t.test(
  'a head is moved by one JSON Patch that tests the hash of before, and the answer has the metadata alone',
  async (t) => {
    const one = await opened(t, { status: 200, body: { metadata: { resourceVersion: '8' } } })
    t.equal(await one.log.moveHead(hash, head), 'moved')
    const [{ method, url, type, accept, body } = { method: '' }] = one.asked
    t.match([method, type], ['PATCH', 'application/json-patch+json'])
    t.match(url, /^\/apis\/log.joinery.dev\/v1\/namespaces\/joinery-system\/logheads\/joinery\?/)
    t.match(url, /fieldValidation=Strict/)
    t.match(accept, /as=PartialObjectMetadata/)
    t.strictSame(body, [
      { op: 'test', path: '/spec/hash', value: hash },
      { op: 'replace', path: '/spec', value: head }
    ])
  }
)

t.test('a document is created without a version, and put with the one that was read', async (t) => {
  const one = await opened(t, { status: 200, body: { metadata: { resourceVersion: '8' } } })
  t.same(await one.log.writeDocument(document, undefined), { version: '8' })
  t.same(await one.log.writeDocument(document, '7'), { version: '8' })
  const metadata = { name: 'd', namespace: 'joinery-system' }
  t.strictSame(
    one.asked.map(({ method, body }) => [method, body]),
    [
      ['POST', { apiVersion: 'log.joinery.dev/v1', kind: 'LogDocument', metadata, spec }],
      [
        'PUT',
        { apiVersion: 'log.joinery.dev/v1', kind: 'LogDocument', metadata: { ...metadata, resourceVersion: '7' }, spec }
      ]
    ]
  )
})

t.test('a document is deleted only as it was read', async (t) => {
  const one = await opened(t, { status: 200, body: { kind: 'Status' } })
  t.equal(await one.log.deleteDocument('d', '7'), 'deleted')
  t.match(one.asked, [{ method: 'DELETE', body: { preconditions: { resourceVersion: '7' } } }])
})

t.test('documents come in pages, of which the first asks for no resourceVersion', async (t) => {
  const page = (name: string, next?: string): Answer => ({
    status: 200,
    body: { metadata: { continue: next }, items: [{ metadata: { name, resourceVersion: '7' }, spec }] }
  })
  const one = await opened(t, ({ url }) => (url.includes('continue=more') ? page('e') : page('d', 'more')))
  t.same(await all(one), [
    { name: 'd', version: '7', spec },
    { name: 'e', version: '7', spec }
  ])
  t.equal(one.asked.length, 2)
  for (const { url } of one.asked) t.notMatch(url, /resourceVersion/)
})

t.test('the Lease has the term, the holder and the address', async (t) => {
  const one = await opened(t, ({ body }) => ({
    status: 200,
    body: {
      ...(body as object),
      metadata: { ...(body as { metadata: object }).metadata, uid: 'u', resourceVersion: '8' }
    }
  }))
  t.same(await one.lease.write(lease, 'u/7'), { version: 'u/8', spec: lease })
  t.strictSame(one.asked[0]?.body, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: 'joinery-server',
      namespace: 'joinery-system',
      uid: 'u',
      resourceVersion: '7',
      annotations: { 'joinery.dev/address': 'https://a:7443' }
    },
    spec: {
      holderIdentity: 'me',
      leaseTransitions: 3,
      leaseDurationSeconds: 12,
      renewTime: '2026-01-01T00:00:02.500000Z',
      acquireTime: '2026-01-01T00:00:00.000000Z'
    }
  })
})

t.test('a Lease that somebody emptied has no holder, no address and the lowest term', async (t) => {
  const one = await opened(t, { status: 200, body: { metadata: { uid: 'u', resourceVersion: '8' }, spec: {} } })
  const never = new Date(0).toISOString()
  t.same(await one.lease.read(), {
    version: 'u/8',
    spec: { holder: '', term: 0, renewed: never, acquired: never, seconds: 0, address: '' }
  })
})

t.test('each answer has its meaning', async (t) => {
  const rows: [answer: Answer, means: Record<string, unknown>][] = [
    [failedTest, { moveHead: 'other' }],
    [
      status(404, 'not found', 'x'),
      {
        head: undefined,
        moveHead: 'other',
        'put a document': 'other',
        readDocument: undefined,
        deleteDocument: 'gone',
        'read the Lease': undefined,
        'put the Lease': 'other'
      }
    ],
    [
      status(409, 'conflict', 'x'),
      {
        makeHead: 'exists',
        'create a document': 'other',
        'put a document': 'other',
        deleteDocument: 'other',
        'create the Lease': 'other',
        'put the Lease': 'other'
      }
    ]
  ]
  const one = await opened(t, 'cut')
  for (const [answer, means] of rows) {
    one.says(answer)
    for (const name of names) {
      if (name in means) t.same(await call(name, one), means[name], `${answer.status} ${name}`)
      else await t.rejects(call(name, one), { name: 'NotDone' }, `${answer.status} ${name}`)
    }
  }
})

t.test('a webhook that refuses by another code is no conflict and no absence, and is named', async (t) => {
  const one = await opened(t, 'cut')
  for (const code of [400, 404, 409, 422, 429, 500, 503]) {
    one.says(status(code, 'admission webhook "guard.example.org" denied the request: conflict', 'joinery'))
    for (const name of names) {
      const refuser = { is: 'webhook', name: 'guard.example.org' }
      await t.rejects(call(name, one), { name: 'NotDone', refuser, message: /guard/ }, `${code} ${name}`)
    }
  }
  one.says(status(403, 'logheads is forbidden'))
  await t.rejects(one.log.head(), { name: 'NotDone', refuser: undefined })
})

t.test('what the API server refuses was not done, and the words say why', async (t) => {
  const rows: [answer: Answer, says: RegExp][] = [
    [status(400, 'strict decoding error: unknown field "spec.more"'), /unknown field/],
    [status(401, 'Unauthorized'), /does not accept the credential/],
    [status(403, 'logheads is forbidden'), /logheads is forbidden/],
    [status(422, 'admission webhook "guard.example.org" denied the request: no'), /guard\.example\.org/],
    [
      status(422, "ValidatingAdmissionPolicy 'joinery-log' denied request: the server rejected our request"),
      /joinery-log/
    ],
    [status(422, 'spec.batches[0].text: Too long', 'joinery'), /Too long/],
    [status(422, `patch: Invalid value: "${'x'.repeat(600_000)}": unknown field "more"`), /^.{0,600}unknown field/],
    [status(429, 'too many requests'), /too many requests/],
    [status(410, 'the continue token is too old'), /too old/],
    [status(413, 'request is too large'), /too large/],
    [
      status(500, 'Internal error occurred: failed calling webhook "guard.example.org": timeout'),
      /guard\.example\.org/
    ],
    [status(422, `Invalid value: "${'x'.repeat(600_000)}"`), /^.{0,600}$/]
  ]
  const one = await opened(t, 'cut')
  for (const [answer, says] of rows) {
    one.says(answer)
    for (const name of names) {
      await t.rejects(call(name, one), { name: 'NotDone', message: says }, `${answer.status} ${name}`)
    }
  }
})

t.test('a kind that is not served is no absent head, and a remedy is named', async (t) => {
  const one = await opened(t, { status: 404, body: '404 page not found\n', headers: { 'content-type': 'text/plain' } })
  for (const name of names.filter((each) => !each.includes('Lease'))) {
    await t.rejects(call(name, one), { name: 'NotDone', message: /joinery-server setup/ }, name)
  }
})

t.test('the pause that a 429 asks for is handed on', async (t) => {
  const one = await opened(t, { ...status(429, 'slow down'), headers: { 'retry-after': '7' } })
  for (const name of names) await t.rejects(call(name, one), { name: 'NotDone', retryAfter: 7 }, name)
})

t.test('nobody knows what became of a call that was cut or met a 5xx', async (t) => {
  const rows: ['cut' | Answer, RegExp][] = [
    ['cut', /closed the connection/],
    [status(500, 'etcdserver: request timed out'), /timed out/],
    [status(503, 'shutting down'), /shutting down/],
    [status(504, 'timeout'), /timeout/],
    [{ status: 502, body: '<html>', headers: { 'content-type': 'text/html' } }, /502/],
    [{ status: 200, body: '{"metadata":', headers: {} }, /./]
  ]
  const one = await opened(t, 'cut')
  for (const [answer, says] of rows) {
    one.says(answer)
    for (const name of names) {
      await t.rejects(
        call(name, one),
        { name: 'OutcomeUnknown', message: says },
        `${answer === 'cut' ? answer : answer.status} ${name}`
      )
    }
  }
})

t.test('an etcd that is full may have written what made it full, and nothing comes later', async (t) => {
  const one = await opened(t, status(500, 'etcdserver: mvcc: database space exceeded'))
  const full = { name: 'OutcomeUnknown', message: /etcd is full: .*space exceeded/, isOver: true }
  for (const name of names) await t.rejects(call(name, one), full, name)
})

t.test('no answer in time is unknown, and nothing sent was not done', async (t) => {
  const late = await apiServer(t, () => undefined)
  const connection = () => connect(late.kubeconfig('secret'), '', { timeout: 50 })
  const slow = { log: kubernetesLog({ connection }), lease: kubernetesLease({ connection }) } as Opened
  for (const name of names) {
    await t.rejects(call(name, slow), { name: 'OutcomeUnknown', message: /no answer in time/ }, name)
  }
  late.close()
  const closed = { ...slow, log: kubernetesLog({ connection: () => connect(late.kubeconfig('secret')) }) }
  await t.rejects(closed.log.head(), { name: 'NotDone', message: /connection refused/ })
  const nowhere = () => {
    throw new ProblemError('cluster-unavailable', { detail: 'the kubeconfig cannot be read' })
  }
  const none = {
    log: kubernetesLog({ connection: nowhere }),
    lease: kubernetesLease({ connection: nowhere })
  } as Opened
  for (const name of names) await t.rejects(call(name, none), { name: 'NotDone', message: /cannot be read/ }, name)
})
