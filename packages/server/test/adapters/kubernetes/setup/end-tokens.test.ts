import { connect } from '@joinery/kube'
import { serverAccount } from '@joinery/kube/manifests'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { endTokens } from '../../../../src/adapters/kubernetes/setup/end-tokens.ts'

/** An API server that lets the earlier token in so many times more, and what it is asked and for how long it is left alone. */
const opened = async (t: Test, letIn: number) => {
  const seen: string[] = []
  let left = letIn
  const api = await apiServer(t, ({ method, url = '', headers }, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url === '/api/v1') {
      const verbs = ['get', 'patch', 'delete']
      const resources = [{ name: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true, verbs }]
      return answer(200, { kind: 'APIResourceList', groupVersion: 'v1', resources })
    }
    if (url.startsWith('/version')) {
      const isLetIn = left > 0
      left -= 1
      seen.push(`earlier token: ${isLetIn ? 'let in' : 'refused'}`)
      t.equal(headers.authorization, 'Bearer earlier')
      return isLetIn ? answer(200, { gitVersion: 'v1.37.2' }) : answer(401, { message: 'Unauthorized' })
    }
    seen.push(`${method} ${url.split('?')[0]}`)
    if (method === 'GET') return answer(404, { message: 'not found' })
    return answer(200, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'joinery-server' } })
  })
  const sleep = (async (time: number) => void seen.push(`${time} ms`)) as Parameters<typeof endTokens>[0]['sleep']
  const parts = { admin: connect(api.kubeconfig('admin')), account: serverAccount(), sleep }
  return { seen, parts, earlier: connect(api.kubeconfig('earlier')) }
}

const path = '/api/v1/namespaces/joinery-system/serviceaccounts/joinery-server'

t.test('the account is made again after the old token is refused, and not before', async (t) => {
  const { seen, parts, earlier } = await opened(t, 2)
  await endTokens({ ...parts, earlier })
  t.same(seen, [
    `DELETE ${path}`,
    '15000 ms',
    'earlier token: let in',
    '500 ms',
    'earlier token: let in',
    '500 ms',
    'earlier token: refused',
    `GET ${path}`,
    `PATCH ${path}`
  ])
})

t.test('without an earlier token the wait is the same, because somebody else may have one', async (t) => {
  const { seen, parts } = await opened(t, 0)
  await endTokens({ ...parts, earlier: undefined })
  t.same(seen, [`DELETE ${path}`, '15000 ms', `GET ${path}`, `PATCH ${path}`])
})

t.test('if the earlier token is let in for ever, there is no new account', async (t) => {
  const { seen, parts, earlier } = await opened(t, Number.POSITIVE_INFINITY)
  await t.rejects(endTokens({ ...parts, earlier }), /still lets the earlier token in/)
  t.notOk(seen.includes(`PATCH ${path}`))
})
