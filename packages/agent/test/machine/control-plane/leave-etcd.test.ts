import { etcdOfTwo, memberIds } from '@joinery/testing/etcd/etcd-of-two'
import { noQuorum } from '@joinery/testing/etcd/fake-etcd'
import t from 'tap'
import { leaveEtcd } from '../../../src/machine/control-plane/leave-etcd.ts'

const own = { address: '192.0.2.9', nodeName: 'cp-9' }

t.test('a member that never started is found by its address and removed, by its whole number', async (t) => {
  const { fake, open } = await etcdOfTwo(t)
  t.equal(await leaveEtcd(open, own, []), undefined)
  t.same(
    fake.members.map(({ ID }) => ID),
    [memberIds[0]]
  )
  t.ok(fake.asked.includes(`POST /v3/cluster/member/remove {"ID":"${memberIds[1]}"}`))
  t.ok(fake.asked.includes('POST /v3/cluster/member/list {"linearizable":true}'), 'no list that is behind')
})

t.test('to leave etcd a second time succeeds and changes nothing', async (t) => {
  const { fake, open } = await etcdOfTwo(t)
  await leaveEtcd(open, own, [])
  const [members, asked] = [fake.members, fake.asked.length]
  t.equal(await leaveEtcd(open, own, []), undefined)
  t.equal(fake.members, members)
  t.notOk(fake.asked.slice(asked).some((line) => line.includes('remove')))
})

t.test('a member is not removed if the other members have no leader', async (t) => {
  const { fake, open } = await etcdOfTwo(t)
  fake.leader = '0'
  t.match(await leaveEtcd(open, own, []), /^of the other 1 voting members of etcd, 0 are healthy/)
  t.equal(fake.members.length, 2)
})

t.test('a member without a quorum says what each member answered', async (t) => {
  const { fake, open } = await etcdOfTwo(t)
  fake.broken = noQuorum
  const refused = leaveEtcd(open, own, [])
  await t.rejects(refused, {
    message: /127\.0\.0\.1:1 refuses the connection.*; 127\.0\.0\.1:\d+ says: etcdserver: request timed out/
  })
})

t.test('an answer that etcd would not give is an error', async (t) => {
  const { fake, open } = await etcdOfTwo(t)
  for (const [body, said] of Object.entries({ '<html>': 'HTTP status 502', '{}': 'HTTP status 502' })) {
    fake.broken = { status: 502, body }
    await t.rejects(leaveEtcd(open, own, []), { message: new RegExp(`says: ${said}`) }, body)
  }
  fake.broken = { status: 200, body: '<html>' }
  await t.rejects(leaveEtcd(open, own, []), { message: /cannot be used: .* is not valid JSON/ })
})
