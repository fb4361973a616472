import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { connectionTo } from '@joinery/kube'
import { eventually } from '@joinery/testing/clocks/eventually'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t from 'tap'
import { kubernetesDecisions } from '../../../src/adapters/kubernetes/door/decisions.ts'

t.test('a watch whose kind is taken away tells so once', async (t) => {
  let isThere = true
  let stream: ServerResponse | undefined
  let lists = 0
  const api = await apiServer(t, ({ url = '' }, response) => {
    const isWatch = new URL(url, 'https://api').searchParams.get('watch') === 'true'
    response.writeHead(isThere ? 200 : 404, { 'content-type': 'application/json' })
    if (isWatch && isThere) {
      response.flushHeaders()
      stream = response
      return
    }
    lists += 1
    response.end(JSON.stringify(isThere ? { metadata: { resourceVersion: '1' }, items: [] } : { code: 404 }))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  await writeFile(file, api.kubeconfig('secret'))
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  let told = 0
  kubernetesDecisions(connectionTo(file)).watch(() => {
    told += 1
  }, stop.signal)
  await eventually('the watch begins', async () => stream !== undefined)
  t.equal(told, 1)
  isThere = false
  stream?.end()
  await eventually('it asks for the list again', async () => lists === 2)
  await eventually('it tells', async () => told === 2)
})
