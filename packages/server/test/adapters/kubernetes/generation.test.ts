import { text } from 'node:stream/consumers'
import { connect, explain } from '@joinery/kube'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { generation, noteGeneration } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'

const opened = async (t: Test, status: number, body: object) => {
  const asked: { method: string | undefined; type: string | undefined; body: unknown }[] = []
  const api = await apiServer(t, async (request, response) => {
    const sent = await text(request)
    const { method, headers } = request
    asked.push({ method, type: headers['content-type'], body: sent === '' ? undefined : JSON.parse(sent) })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  return { api: connect(api.kubeconfig('secret')), asked }
}

t.test('the generation is read with the version of its list', async (t) => {
  const annotations = { 'joinery.dev/generation': '7', other: '8' }
  const { api } = await opened(t, 200, { metadata: { resourceVersion: '12', annotations } })
  t.same(await generation(api), { text: '7', version: '12' })
})

t.test('a list without the annotation, or a missing list, has no generation', async (t) => {
  const bare = await opened(t, 200, { metadata: { resourceVersion: '12' } })
  t.same(await generation(bare.api), { version: '12' })
  const missing = await opened(t, 404, { message: 'not found' })
  t.same(await generation(missing.api), { version: '' })
})

t.test('a merge patch writes only the annotation, and only for the version that was read', async (t) => {
  const { api, asked } = await opened(t, 200, {})
  await noteGeneration(api, '8', '12')
  const metadata = { resourceVersion: '12', annotations: { 'joinery.dev/generation': '8' } }
  t.same(asked, [{ method: 'PATCH', type: 'application/merge-patch+json', body: { metadata } }])
})

t.test('a list that was written meanwhile is left as it is, with an error', async (t) => {
  const { api } = await opened(t, 409, { message: 'the object has been modified' })
  const refused = explain('the server', () => noteGeneration(api, '8', '12'))
  await t.rejects(refused, { code: 'cluster-unavailable', message: /409.*modified/ })
})
