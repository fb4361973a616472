import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiServer } from '@joinery/testing/cluster/api-server'
import t, { type Test } from 'tap'
import { kubernetesCluster } from '../../../src/adapters/kubernetes/kubernetes-cluster.ts'
import { notActive } from '../../../src/core/leadership/leadership.ts'

/** An API server that notes what it is asked, and says that nothing is there. It answers nothing at all while `answers` is false. */
const open = async (t: Test) => {
  const state = { left: 5_000, holds: true, answers: true, answered: () => {} }
  const asked: string[] = []
  const server = await apiServer(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    // a list, a version, and a CSR that nobody has decided about
    const body = { metadata: { name: 'csr-1', uid: 'u' }, items: [], gitVersion: 'v1.37.2', spec: {}, status: {} }
    if (!state.answers) return
    state.answered()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(body))
  })
  const file = join(t.testdir({}), 'kubeconfig')
  writeFileSync(file, server.kubeconfig('token'))
  const leadership = {
    holds: () => state.holds,
    left: () => (state.holds ? state.left : 0),
    require: () => {
      if (!state.holds) throw notActive()
    }
  }
  return { state, asked, cluster: kubernetesCluster(file, { leadership }), alone: kubernetesCluster(file) }
}

t.test(
  'each request tells the API server how long it may take, and the store of one server says nothing',
  async (t) => {
    const { state, asked, cluster, alone } = await open(t)
    state.left = 4_321.9
    t.equal(await cluster.version(), 'v1.37.2')
    await cluster.kubeletCsrs()
    t.match(asked, [/^GET \/version\/?\?timeout=4321ms$/, /^GET \/apis\/certificates.*&timeout=4321ms$/])
    t.equal(cluster.answers().all, 2, 'it is counted as ever')
    await alone.version()
    t.notMatch(asked.at(-1), /timeout/)
  }
)

t.test('a request that is under way ends before the leadership does', async (t) => {
  const { state, cluster } = await open(t)
  Object.assign(state, { left: 60, answers: false })
  await t.rejects(cluster.version(), { code: 'cluster-unavailable', message: /leadership of this server ends/ })
})

t.test('a call of several requests stops between two of them if the Lease was lost', async (t) => {
  const { state, asked, cluster } = await open(t)
  const approve = () => cluster.approveCsr({ name: 'csr-1', uid: 'u' })
  await approve()
  t.match(asked, [/^GET /, /^PUT .*approval/], 'it is of two requests')
  state.answered = () => {
    state.holds = false
  }
  await t.rejects(approve(), { code: 'cluster-unavailable', message: /this server is not the active one/ })
  t.match(asked.slice(2), [/^GET /])
  await t.rejects(cluster.deleteToken('abcdef'), { message: /this server is not the active one/ })
  t.equal(asked.length, 3, 'and nothing more is sent')
})
