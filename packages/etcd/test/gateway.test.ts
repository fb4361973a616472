import { generateKeyPairSync } from 'node:crypto'
import { issueClient } from '@joinery/agent/machine/control-plane/issue-client.ts'
import { leaveEtcd } from '@joinery/agent/machine/control-plane/leave-etcd.ts'
import { makeCertificate } from '@joinery/testing/etcd/certificates.ts'
import { fakeEtcd, noQuorum } from '@joinery/testing/etcd/fake-etcd.ts'
import t, { type Test } from 'tap'
import { etcdGateway } from '../src/gateway.ts'

const own = { address: '192.0.2.9', nodeName: 'cp-9' }
// beyond 2^53
const ids = ['10276657743932975437', '14269282951459832195']

const openFake = async (t: Test) => {
  const fake = await fakeEtcd(t)
  fake.members = [
    { ID: ids[0] ?? '', name: 'cp-1', peerURLs: ['https://192.0.2.1:2380'], clientURLs: [fake.url] },
    { ID: ids[1] ?? '', peerURLs: ['https://192.0.2.9:2380'], isLearner: true }
  ]
  const client = { ca: fake.ca.cert, ...(await issueClient({ cert: fake.ca.cert, key: fake.ca.key }, Date.now())) }
  const open = async () => etcdGateway(['https://127.0.0.1:1', fake.url], client)
  return { fake, client, open }
}

t.test('a member that never started is found by its address and removed, by its whole number', async (t) => {
  const { fake, open } = await openFake(t)
  t.equal(await leaveEtcd(open, own, []), undefined)
  t.same(
    fake.members.map(({ ID }) => ID),
    [ids[0]]
  )
  t.ok(fake.asked.includes(`POST /v3/cluster/member/remove {"ID":"${ids[1]}"}`))
  t.ok(fake.asked.includes('POST /v3/cluster/member/list {"linearizable":true}'), 'no list that is behind')
})

t.test('to leave what was left is success, and changes nothing', async (t) => {
  const { fake, open } = await openFake(t)
  await leaveEtcd(open, own, [])
  const [members, asked] = [fake.members, fake.asked.length]
  t.equal(await leaveEtcd(open, own, []), undefined)
  t.equal(fake.members, members)
  t.notOk(fake.asked.slice(asked).some((line) => line.includes('remove')))
})

t.test('a member that a twin removes just before is success', async (t) => {
  const { fake, open } = await openFake(t)
  const etcd = await open()
  fake.members = []
  await etcd.remove(ids[1] ?? '')
  await etcd.close()
})

t.test('without a leader at the others nothing is removed', async (t) => {
  const { fake, open } = await openFake(t)
  fake.leader = '0'
  t.match(await leaveEtcd(open, own, []), /^of the other 1 voting members of etcd 0 are healthy/)
  t.equal(fake.members.length, 2)
})

t.test('without a quorum it says what each member said', async (t) => {
  const { fake, open } = await openFake(t)
  fake.broken = noQuorum
  const refused = leaveEtcd(open, own, [])
  await t.rejects(refused, {
    message: /127\.0\.0\.1:1 refuses the connection.*; 127\.0\.0\.1:\d+ says: etcdserver: request timed out/
  })
})

t.test('what is no answer of etcd is none', async (t) => {
  const { fake, open } = await openFake(t)
  for (const [body, said] of Object.entries({ '<html>': 'HTTP status 502', '{}': 'HTTP status 502' })) {
    fake.broken = { status: 502, body }
    await t.rejects(leaveEtcd(open, own, []), { message: new RegExp(`says: ${said}`) })
  }
  fake.broken = { status: 200, body: '<html>' }
  await t.rejects(leaveEtcd(open, own, []))
})

t.test('a server of another CA is told nothing', async (t) => {
  const { fake, client } = await openFake(t)
  const other = await makeCertificate({ name: 'another CA' })
  const etcd = etcdGateway([fake.url], { ...client, ca: other.cert })
  await t.rejects(etcd.members(), { message: /certificate/ })
  t.same(fake.asked, [])
  await etcd.close()
})

t.test('a CA of RSA, as kubeadm makes it, issues for a client too', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const { cert } = await makeCertificate({ name: 'etcd-ca' })
  t.match(await issueClient({ cert, key }, Date.now()), { cert: /BEGIN CERTIFICATE/, key: /BEGIN PRIVATE KEY/ })
})
