import { writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, connectionTo } from '@joinery/kube'
import { eventually } from '@joinery/testing/clocks/eventually'
import { quickPause } from '@joinery/testing/clocks/quick-pause'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesViews } from '../../../src/adapters/kubernetes/door/kubernetes-views.ts'
import { shownView } from '../../../src/adapters/kubernetes/door/shown-view.ts'
import { watchViews } from '../../../src/adapters/kubernetes/door/watch-views.ts'
import { NotSetUp } from '../../../src/core/ports/objects/not-set-up.ts'
import type { ShownView } from '../../../src/core/ports/objects/views.ts'

const object = (name: string, version: string, more: object = {}) => ({
  metadata: { name, resourceVersion: version, uid: 'u', managedFields: [{}], generation: 1, ...more },
  status: { state: 'pending' }
})

/** The port over an API server that gives this answer to each request. */
const answering = async (t: Test, status: number, body: object = {}, headers: Record<string, string> = {}) => {
  const api = await apiServer(t, (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return kubernetesViews(connectionTo(file))
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error
  )

t.test('metadata of others is part of what an object holds, and the API server’s own is not', async (t) => {
  const plain = shownView(object('a', '1'))
  t.same(shownView(object('a', '1', { labels: {}, annotations: {}, generation: 7 })), { ...plain, generation: 7 })
  const foreign: object[] = [
    { labels: { a: 'b' } },
    { annotations: { a: 'b' } },
    { finalizers: ['a/b'] },
    { ownerReferences: [{ uid: 'u' }] }
  ]
  for (const more of foreign) t.not(shownView(object('a', '1', more)).hash, plain.hash, JSON.stringify(more))
})

t.test('every answer of the API server has its meaning', async (t) => {
  const missing = await answering(t, 404)
  t.ok((await failureOf(missing.page('enrolments'))) instanceof NotSetUp)
  t.ok((await failureOf(missing.put('enrolments', 'a', {}, undefined))) instanceof NotSetUp)
  t.same(await missing.put('enrolments', 'a', {}, '1'), { conflict: true })
  t.equal(await missing.read('enrolments', 'a'), undefined)
  await missing.remove('enrolments', 'a')

  const forbidden = await answering(t, 403, { message: 'forbidden' })
  t.ok((await failureOf(forbidden.page('enrolments'))) instanceof NotSetUp)
  t.ok((await failureOf(forbidden.put('enrolments', 'a', {}, '1'))) instanceof NotSetUp)
  t.ok((await failureOf(forbidden.remove('enrolments', 'a'))) instanceof NotSetUp)

  t.same(await (await answering(t, 409)).put('enrolments', 'a', {}, '1'), { conflict: true })
  t.equal(await (await answering(t, 410)).page('enrolments', 'next'), undefined)
  const invalid = await answering(t, 422, { message: 'status.key: Invalid value' })
  t.match(await invalid.put('enrolments', 'a', {}, undefined), { refused: /status.key: Invalid value/ })
  const busy = await answering(t, 429, { message: 'slow down' }, { 'retry-after': '7' })
  await t.rejects(busy.put('enrolments', 'a', {}, '1'), { code: 'cluster-unavailable', retryAfter: 7 })
})

t.test(
  'O3: a new view is made and then gets its status, a known one only a status, and one with metadata of others both',
  async (t) => {
    const asked: { line: string; body: { metadata?: object; status?: object } }[] = []
    let [failing, labels]: [string | undefined, object] = [undefined, {}]
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const line = `${request.method} ${request.url?.replace(/.*enrolments/, '')}`
      asked.push({ line, body: JSON.parse((await text(request)) || '{}') })
      const made = object('a', String(asked.length), { labels })
      if (line === failing) return void response.writeHead(503).end()
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(made))
    }
    const api = await apiServer(t, (request, response) => void serve(request, response))
    const file = join(t.testdir({}), 'kubeconfig')
    await writeFile(file, api.kubeconfig('secret'))
    const views = kubernetesViews(connectionTo(file))
    const lines = (): string[] => asked.splice(0).map(({ line }) => line)
    t.same(await views.put('enrolments', 'a', { state: 'pending' }, undefined), { version: '2' })
    t.match(asked[1]?.body, { metadata: { name: 'a', resourceVersion: '1' }, status: { state: 'pending' } })
    t.same(lines(), ['POST ', 'PUT /a/status'])
    t.same(await views.put('enrolments', 'a', { state: 'pending' }, '7'), { version: '1' })
    t.same(lines(), ['PUT /a/status'])
    labels = { of: 'others' }
    t.same(await views.put('enrolments', 'a', { state: 'pending' }, '7'), { version: '2' })
    t.same(asked[1]?.body.metadata, { name: 'a', resourceVersion: '1' }, 'without the labels')
    t.same(lines(), ['PUT /a/status', 'PUT /a'])
    failing = 'PUT /a/status'
    await t.rejects(views.put('enrolments', 'a', {}, undefined), { code: 'cluster-unavailable' })
    t.same(lines(), ['POST ', 'PUT /a/status'], 'the writer finds the object without a status')
  }
)

/** A watch over an API server whose nth watch is answered by `answer`. */
const watching = async (t: Test, answer: (nth: number, response: ServerResponse) => void, silence?: number) => {
  const positions: string[] = []
  const api = await apiServer(t, ({ url = '' }, response) => {
    const { searchParams } = new URL(url, 'https://api')
    response.writeHead(200, { 'content-type': 'application/json' })
    if (searchParams.get('watch') !== 'true') {
      return void response.end(JSON.stringify({ metadata: { resourceVersion: '5' }, items: [] }))
    }
    positions.push(searchParams.get('resourceVersion') ?? '')
    response.flushHeaders()
    answer(positions.length, response)
  })
  const seen: ShownView[] = []
  let lost = 0
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const connection = connect(api.kubeconfig('secret'))
  watchViews(
    'enrolments',
    { connection: () => connection, pause: quickPause },
    (view) => void seen.push(view),
    () => {
      lost += 1
    },
    stop.signal,
    silence
  )
  return { positions, seen, lost: () => lost }
}
const event = (type: string, one: object): string => `${JSON.stringify({ type, object: one })}\n`

t.test('a watch that ends in good order goes on where it ended, and nothing is lost', async (t) => {
  const { positions, seen, lost } = await watching(t, (nth, response) => {
    if (nth > 1) return
    response.write(event('ADDED', object('a', '6')))
    response.write(event('DELETED', object('a', '7')))
    response.end(event('BOOKMARK', { metadata: { resourceVersion: '40' } }))
  })
  await eventually('the second watch', async () => positions.length === 2)
  t.same(positions, ['5', '40'])
  t.equal(lost(), 1, 'only at the start')
  t.same(seen, [shownView(object('a', '6')), { ...shownView(object('a', '7')), hash: undefined }])
})

t.test(
  'a watch that is told 410, is cut or says nothing begins at the present, and says that it may have missed something',
  async (t) => {
    const ends: Record<string, (response: ServerResponse) => void> = {
      '410': (response) => response.write(event('ERROR', { kind: 'Status', code: 410 })),
      cut: (response) => response.destroy(),
      silent: () => {}
    }
    for (const [how, end] of Object.entries(ends)) {
      const { positions, lost } = await watching(t, (nth, response) => void (nth === 1 && end(response)), 500)
      await eventually(`the second watch, ${how}`, async () => positions.length >= 2)
      t.same(positions.slice(0, 2), ['5', '5'], how)
      t.ok(lost() >= 2, how)
    }
  }
)
