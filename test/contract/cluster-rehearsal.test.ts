import { pageSize } from '@joinery/kube'
import { workerGroup } from '@joinery/kube/names'
import { systemClock, systemRandom } from '@joinery/server/testing/base'
import { kubeletRequest, rehearsalCluster } from '@joinery/server/testing/rehearsal'
import { eventually } from '@joinery/testing/clocks/eventually'
import t from 'tap'
import { clusterContract } from './cluster-contract.ts'

for (const more of [false, true]) {
  await clusterContract(
    t,
    `the rehearsal cluster${more ? ', with serving certificates and diagnosis' : ''}`,
    async () => {
      const rehearsal = await rehearsalCluster(systemClock, systemRandom, {
        secrets: true,
        serving: more,
        diagnosis: more
      })
      return { cluster: rehearsal, world: rehearsal, serving: more, diagnosis: more, close: async () => undefined }
    }
  )
}

t.test('a list of the rehearsal is of one moment, and begins again if it is forgotten in between', async (t) => {
  const cluster = await rehearsalCluster(systemClock, systemRandom)
  const token = { id: 'abcdef', secret: '0123456789abcdef' }
  const expires = new Date(Date.now() + 600_000)
  await cluster.createToken({ ...token, group: workerGroup, expires, description: 'of a test' })
  const { request } = await kubeletRequest('worker-1')
  const submit = () => cluster.submitCsr({ token, request })
  for (let count = 0; count <= pageSize; count += 1) await submit()
  const all = await cluster.kubeletCsrs()
  const [gone = ''] = all.map(({ name }) => name)

  const first = cluster.kubeletCsrs()
  await cluster.deleteCsr(gone)
  t.same(await first, all, 'what happens meanwhile is not in it')

  await submit()
  const second = cluster.kubeletCsrs()
  cluster.forgetLists()
  const [other = ''] = all.slice(1).map(({ name }) => name)
  await cluster.deleteCsr(other)
  t.notOk(
    (await second).some(({ name }) => name === other),
    'it is of the later moment'
  )

  await submit()
  const third = cluster.kubeletCsrs()
  await cluster.goDown()
  await t.rejects(third, { code: 'cluster-unavailable' })
})

t.test('a request that is over goes after an hour, and a waiting request after a day', async (t) => {
  let now = Date.now()
  const pass = (minutes: number): void => {
    now += minutes * 60_000
  }
  const cluster = await rehearsalCluster({ now: () => new Date(now) }, systemRandom)
  const token = { id: 'abcdef', secret: '0123456789abcdef', group: workerGroup, description: 'of a test' }
  await cluster.createToken({ ...token, expires: new Date(now + 600_000) })
  const { request } = await kubeletRequest('worker-1')
  const submit = async () => {
    const name = await cluster.submitCsr({ token, request })
    return { name, uid: (await cluster.csr(name))?.uid ?? '' }
  }
  const [issued, denied, waiting] = [await submit(), await submit(), await submit()]
  const are = async () => (await cluster.kubeletCsrs()).map(({ name }) => name)
  pass(60)
  await cluster.approveCsr(issued)
  await cluster.denyCsr(denied)
  await eventually('it is issued', async () => (await cluster.csr(issued.name))?.certificate)
  pass(59)
  t.same(
    await are(),
    [issued, denied, waiting].map(({ name }) => name),
    'it is the time since it was judged that counts'
  )
  pass(2)
  t.same(await are(), [waiting.name])
  await t.rejects(cluster.approveCsr(issued), { code: 'not-found' })
  pass(24 * 60 - 122)
  t.same(await are(), [waiting.name])
  pass(2)
  t.same(await are(), [])
})
