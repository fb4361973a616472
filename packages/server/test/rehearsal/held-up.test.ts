import { workerGroup } from '@joinery/kube/names'
import t from 'tap'
import { systemClock } from '../../src/core/base/clock.ts'
import { systemRandom } from '../../src/core/base/random.ts'
import { rehearsalCluster } from '../../src/rehearsal/rehearsal-cluster.ts'

const open = () => rehearsalCluster(systemClock, systemRandom)
const token = () => ({
  id: 'abc123',
  secret: 'f'.repeat(16),
  group: workerGroup,
  expires: new Date(Date.now() + 600_000),
  description: ''
})

t.test('a call that is held up can be overtaken, is carried out at its arrival, and then answered', async (t) => {
  const cluster = await open()
  const creation = cluster.holdUp('createToken')
  const answer = cluster.createToken(token())
  await creation.sent
  await cluster.deleteToken('abc123')
  t.same(await cluster.tokens(), [])
  await creation.arrive()
  await answer
  t.same(await cluster.tokens(), ['abc123'])
})

t.test('a call that its client gave up has no answer, and is still carried out', async (t) => {
  const cluster = await open()
  const creation = cluster.holdUp('createToken')
  const answer = cluster.createToken(token())
  await creation.sent
  creation.giveUp()
  await t.rejects(answer, { code: 'cluster-unavailable' })
  t.same(await cluster.tokens(), [])
  await creation.arrive()
  t.same(await cluster.tokens(), ['abc123'])
})

t.test('the caller gets a refusal of the API server, if it still waits', async (t) => {
  const cluster = await open()
  const creation = cluster.holdUp('createToken')
  const answer = cluster.createToken({ ...token(), group: 'system:masters' })
  const refused = t.rejects(answer, { code: 'cluster-unavailable', message: /admission/ })
  await creation.arrive()
  await refused
})
