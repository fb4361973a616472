import { generateKeyPairSync } from 'node:crypto'
import { makeCertificate } from '@joinery/testing/etcd/certificates'
import t from 'tap'
import { issueClient } from '../../../src/machine/control-plane/issue-client.ts'

t.test('a CA with an RSA key, as kubeadm makes it, can issue a client certificate', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const { cert } = await makeCertificate({ name: 'etcd-ca' })
  t.match(await issueClient({ cert, key }, Date.now()), { cert: /BEGIN CERTIFICATE/, key: /BEGIN PRIVATE KEY/ })
})
