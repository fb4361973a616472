import { writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connectionTo } from '@joinery/kube'
import { eventually } from '@joinery/testing/clocks/eventually'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCodes } from '../../../src/adapters/kubernetes/door/codes.ts'
import { NotSetUp } from '../../../src/core/ports/objects/not-set-up.ts'

interface Asked {
  method: string
  path: string
  query: URLSearchParams
  body: string
}
interface Answer {
  status?: number
  body?: object
}

const metadata = { name: 'a', uid: 'u', resourceVersion: '7', generation: 3, creationTimestamp: '2026-01-01T00:00:00Z' }
const object = { metadata, spec: { hash: 'a' }, status: { state: 'open', used: 0 } }
const seen = {
  name: 'a',
  uid: 'u',
  resourceVersion: '7',
  generation: 3,
  created: new Date(metadata.creationTimestamp),
  spec: object.spec
}
const failed = (status: number, message = 'no'): Answer => ({ status, body: { kind: 'Status', code: status, message } })

/** Codes of an API server that answers so, and what it was asked. */
const opened = async (t: Test, answer: (asked: Asked) => Answer | undefined, streams: ServerResponse[] = []) => {
  const asked: Asked[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'https://api')
    const one = { method: request.method ?? '', path, query, body: await text(request) }
    asked.push(one)
    const given = answer(one)
    response.writeHead(given?.status ?? 200, { 'content-type': 'application/json' })
    if (given !== undefined) response.end(JSON.stringify(given.body ?? {}))
    else {
      response.flushHeaders()
      streams.push(response)
    }
  }
  const api = await apiServer(t, (request, response) => void handle(request, response))
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  return { codes: kubernetesCodes(connectionTo(file)), asked }
}

t.test('a page has the objects as they are, and the place of the next one', async (t) => {
  const { status: _, ...fresh } = object
  const { codes, asked } = await opened(t, () => ({
    body: { metadata: { continue: 'next' }, items: [object, fresh, {}] }
  }))
  const page = await codes.page(3, 'here')
  t.match(page, { items: [{ ...seen, status: object.status }, seen, { name: '', uid: '' }], next: 'next' })
  t.equal(page?.items[1]?.status, undefined)
  t.equal(asked[0]?.query.get('limit'), '3')
  t.equal(asked[0]?.query.get('continue'), 'here')
  t.equal(asked[0]?.query.get('resourceVersion'), null, 'as etcd has it now')
})

t.test('a list that is forgotten is none, and one of a cluster without the kind or the right says so', async (t) => {
  const page = async (status: number) => (await opened(t, () => failed(status))).codes.page(1)
  t.equal(await page(410), undefined)
  for (const status of [404, 403]) {
    const error = await page(status).catch((error: unknown) => error)
    t.ok(error instanceof NotSetUp, `${status}`)
  }
  await t.rejects(page(500), { code: 'cluster-unavailable' })
})

t.test('a status is written for the object and the version that was seen', async (t) => {
  const written = { ...object, metadata: { ...metadata, resourceVersion: '8' } }
  const { codes, asked } = await opened(t, () => ({ body: written }))
  t.equal(await codes.settle({ ...seen, status: undefined }, { state: 'used', used: 1 }), '8')
  t.match(asked[0], { method: 'PUT', path: '/apis/joinery.dev/v1beta1/codes/a/status' })
  t.match(JSON.parse(asked[0]?.body ?? ''), {
    kind: 'Code',
    metadata: { name: 'a', uid: 'u', resourceVersion: '7' },
    status: { state: 'used', used: 1 }
  })
  for (const status of [404, 409]) {
    const other = await opened(t, () => failed(status))
    t.equal(await other.codes.settle({ ...seen, status: undefined }, { state: 'used', used: 1 }), undefined)
  }
})

t.test('exactly the object that was seen is deleted', async (t) => {
  const { codes, asked } = await opened(t, () => ({}))
  await codes.delete(seen)
  t.match(asked[0], { method: 'DELETE', path: '/apis/joinery.dev/v1beta1/codes/a' })
  t.match(JSON.parse(asked[0]?.body ?? ''), { preconditions: { uid: 'u' } })
  for (const status of [404, 409]) await t.resolves((await opened(t, () => failed(status))).codes.delete(seen))
})

t.test('a probe proves the policy only by its own refusal', async (t) => {
  const table: [what: string, answer: Answer, expected: string][] = [
    [
      'the policy',
      failed(422, "ValidatingAdmissionPolicy 'joinery-codes' denied: a code names who made it"),
      'refused'
    ],
    ['nobody', { status: 201, body: object }, 'allowed'],
    ['the name that is there', failed(409), 'allowed'],
    ['no right', failed(403, 'codes.joinery.dev is forbidden: User cannot create resource'), 'unknown'],
    ['another policy', failed(422, "ValidatingAdmissionPolicy 'other' denied"), 'unknown'],
    ['a webhook without dry run', failed(400), 'unknown'],
    ['no such kind', failed(404), 'unknown']
  ]
  for (const [what, answer, expected] of table) {
    const { codes, asked } = await opened(t, () => answer)
    t.equal((await codes.probe()).answer, expected, what)
    t.equal(asked[0]?.query.get('dryRun'), 'All')
    t.match(JSON.parse(asked[0]?.body ?? ''), { kind: 'Code', spec: { by: 'nobody' } })
  }
  await t.rejects((await opened(t, () => failed(503))).codes.probe(), { code: 'cluster-unavailable' })
})

t.test('a watch tells of a new Code and of a deleted one, and not of a status', async (t) => {
  const streams: ServerResponse[] = []
  const list = { body: { metadata: { resourceVersion: '1' }, items: [] } }
  const { codes } = await opened(t, ({ query }) => (query.has('watch') ? undefined : list), streams)
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  let told = 0
  let tells = (): void => {}
  codes.watch(() => {
    told += 1
    tells()
  }, stop.signal)
  await eventually('it watches', () => streams.length > 0)
  const { status: _, ...fresh } = object
  const before = told
  const { promise, resolve } = Promise.withResolvers<void>()
  tells = () => {
    if (told === before + 2) resolve()
  }
  const events = [
    { type: 'MODIFIED', object },
    { type: 'ADDED', object: fresh },
    { type: 'MODIFIED', object },
    { type: 'DELETED', object }
  ]
  for (const event of events) streams[0]?.write(`${JSON.stringify(event)}\n`)
  await promise
  t.equal(told, before + 2)
})
