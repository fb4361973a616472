import { makeCertificate } from '@joinery/testing/etcd/certificates'
import { etcdOfTwo, memberIds } from '@joinery/testing/etcd/etcd-of-two'
import t from 'tap'
import { etcdGateway } from '../src/gateway.ts'

t.test('a member that was removed just before counts as removed', async (t) => {
  const { fake, open } = await etcdOfTwo(t)
  const etcd = await open()
  fake.members = []
  await etcd.remove(memberIds[1])
  await etcd.close()
})

t.test('nothing is sent to a server that another CA signed', async (t) => {
  const { fake, client } = await etcdOfTwo(t)
  const other = await makeCertificate({ name: 'another CA' })
  const etcd = etcdGateway([fake.url], { ...client, ca: other.cert })
  await t.rejects(etcd.members(), { message: /certificate/ })
  t.same(fake.asked, [])
  await etcd.close()
})
