import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'

const versionAnswer = JSON.stringify({ gitVersion: 'v1.37.2' })

const json = { 'content-type': 'application/json' }

const fileOf = (t: Test): string => join(t.testdir({}), 'kubeconfig')

t.test('calls share their connections', async (t) => {
  const api = await apiServer(t, (_, response) => response.writeHead(200, json).end(versionAnswer))
  const file = fileOf(t)
  await writeFile(file, api.kubeconfig('secret'))
  const cluster = kubernetesCluster(file)
  for (let call = 0; call < 10; call += 1) await cluster.version()
  t.ok(api.connections() <= 2, 'the second where the first was not yet free again')
})

t.test('a kubeconfig that is written while the server runs is used from then on', async (t) => {
  const seen: (string | undefined)[] = []
  const api = await apiServer(t, ({ headers }, response) => {
    seen.push(headers.authorization)
    response.writeHead(200, json).end(versionAnswer)
  })
  const file = fileOf(t)
  const cluster = kubernetesCluster(file)
  await t.rejects(cluster.version(), { code: 'cluster-unavailable', text: { detail: /kubeconfig cannot be read/ } })
  await writeFile(file, api.kubeconfig('first'))
  await cluster.version()
  await writeFile(file, api.kubeconfig('second'))
  await cluster.version()
  t.strictSame(seen, ['Bearer first', 'Bearer second'])
  await rm(file)
  await t.rejects(cluster.version(), { code: 'cluster-unavailable' })
})

t.test('a broken kubeconfig is named, without its content', async (t) => {
  const file = fileOf(t)
  await writeFile(file, 'users: [{token: "very-secret"')
  const error = await kubernetesCluster(file)
    .version()
    .catch((error: Error) => error)
  t.match(error, { code: 'cluster-unavailable', text: { detail: `${file} is not a kubeconfig that can be used` } })
  t.notMatch(JSON.stringify(error) + String(error), 'very-secret')
})

t.test('an API server that is gone is cluster-unavailable: refused', async (t) => {
  const api = await apiServer(t, () => {})
  const file = fileOf(t)
  await writeFile(file, api.kubeconfig('secret'))
  api.close()
  await t.rejects(kubernetesCluster(file).version(), {
    code: 'cluster-unavailable',
    text: { detail: /connection refused$/ }
  })
})

t.test('the server sends nothing to an API server of another CA', async (t) => {
  let asked = false
  const impostor = await apiServer(t, (_, response) => {
    asked = true
    response.end()
  })
  const real = await apiServer(t, () => {})
  const file = fileOf(t)
  const authority = /certificate-authority-data: .*/
  await writeFile(
    file,
    impostor.kubeconfig('secret').replace(authority, authority.exec(real.kubeconfig(''))?.[0] ?? '')
  )
  await t.rejects(kubernetesCluster(file).version(), {
    code: 'cluster-unavailable',
    text: { detail: /certificate is not trusted/ }
  })
  t.notOk(asked)
})

t.test('a watch never throws, and ends with its signal', async (t) => {
  const stop = new AbortController()
  t.doesNotThrow(() => kubernetesCluster(fileOf(t)).watch(() => t.fail('nothing changed'), stop.signal))
  stop.abort()
})
