import { text } from 'node:stream/consumers'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import type { Manifest } from '../../src/apply.ts'
import { connect } from '../../src/connection.ts'
import type { Change } from '../../src/doctor/change.ts'
import { mend } from '../../src/doctor/mend.ts'
import type { ObjectReference } from '../../src/doctor/sight.ts'
import { manifests } from '../../src/manifests/index.ts'

interface Sent {
  method: string
  path: string
  body: unknown
}
type Answer = [status: number, body: object]

/** What a change sends to an API server that answers so, and what came of it. */
const sending = async (t: Test, answer: (sent: Sent) => Answer) => {
  const sent: Sent[] = []
  const server = await apiServer(t, async (request, response) => {
    const body = await text(request)
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      body: body === '' ? undefined : JSON.parse(body)
    }
    sent.push(one)
    const [status, json] = answer(one)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  return { sent, make: (change: Change) => mend(connect(server.kubeconfig('secret')), change) }
}

const seen = { uid: 'u-1', resourceVersion: '7' }
const objects: [ObjectReference, path: string][] = [
  [
    { kind: 'ClusterRoleBinding', namespace: '', name: 'kubeadm:node-autoapprove-bootstrap', ...seen },
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kubeadm%3Anode-autoapprove-bootstrap'
  ],
  [
    { kind: 'RoleBinding', namespace: 'kube-public', name: 'Some', ...seen },
    '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-public/rolebindings/Some'
  ],
  [
    { kind: 'Secret', namespace: 'kube-system', name: 'bootstrap-token-abcdef', ...seen },
    '/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef'
  ]
]
const removal = (object: ObjectReference): Change => ({ verb: 'delete', object, breaks: 'x' })
const status = (code: number): Answer => [code, { kind: 'Status', code, message: 'as the API server says' }]

for (const [object, path] of objects) {
  t.test(`a ${object.kind} is deleted only as it was seen`, async (t) => {
    const { sent, make } = await sending(t, () => [200, { kind: 'Status' }])
    t.equal(await make(removal(object)), `${object.kind.toLowerCase()}/${object.name} deleted`)
    t.same(sent, [{ method: 'DELETE', path, body: { preconditions: seen } }])
  })
}

const [[binding] = []] = objects
const deletion = removal(binding as ObjectReference)

t.test('a deletion of an object that is gone succeeds, so a run that was cut off can be repeated', async (t) => {
  const { make } = await sending(t, () => status(404))
  t.match(await make(deletion), / was gone already$/)
})

t.test('an object that has changed after it was shown is not deleted', async (t) => {
  const { make } = await sending(t, () => status(409))
  await t.rejects(make(deletion), { code: 'revision-changed', message: /has changed since it was shown/ })
})

t.test('an error for a user who may not delete says why and what to do', async (t) => {
  const { make } = await sending(t, () => status(403))
  await t.rejects(make(deletion), {
    code: 'cluster-unavailable',
    message: /as the API server says/,
    text: { remedy: /administrator: --kubeconfig/ }
  })
})

const rbac = 'rbac.authorization.k8s.io/v1'
const role = manifests({ credential: 'token', kubeProxy: true }).find(
  ({ kind }) => kind === 'ClusterRole'
) as Manifest & { rules: object[] }
const resources = {
  kind: 'APIResourceList',
  groupVersion: rbac,
  resources: [{ name: 'clusterroles', kind: 'ClusterRole', namespaced: false, verbs: [] }]
}
/** An API server with one ClusterRole, which applies no more than `applies` gives. */
const withRole = (t: Test, live: object | undefined, applies: (live: object | undefined) => object) => {
  let now = live
  return sending(t, ({ method, path, body }) => {
    if (path === `/apis/${rbac}`) return [200, resources]
    if (method === 'PATCH') now = applies(now)
    if (method === 'PUT') now = body as object
    return now === undefined ? status(404) : [200, now]
  })
}
const enforcement: Change = { verb: 'enforce', manifest: role, breaks: 'x' }
const metadata = { ...role.metadata, uid: 'u', resourceVersion: '7', labels: { team: 'a' } }
const methods = (sent: Sent[]) => sent.filter(({ path }) => path !== `/apis/${rbac}`).map(({ method }) => method)

t.test('an object that is missing is applied', async (t) => {
  const { sent, make } = await withRole(t, undefined, () => ({ ...role, metadata }))
  t.equal(await make(enforcement), 'clusterrole.rbac.authorization.k8s.io/joinery-server created')
  t.same(methods(sent), ['GET', 'GET', 'PATCH', 'GET'])
  t.match(sent.find(({ method }) => method === 'PATCH')?.path, /fieldManager=joinery&force=true/)
})

t.test('parts that an apply leaves are taken out, and labels of others stay', async (t) => {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
  const { sent, make } = await withRole(t, { ...role, metadata, aggregationRule }, (live) => ({
    ...live,
    rules: role.rules
  }))
  t.match(await make(enforcement), / configured$/)
  const put = sent.find(({ method }) => method === 'PUT')?.body
  t.match(put, { metadata: { resourceVersion: '7', labels: { team: 'a' } }, rules: role.rules })
  t.notOk(Object.hasOwn(put as object, 'aggregationRule'))
})
