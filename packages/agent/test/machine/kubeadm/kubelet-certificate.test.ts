import { createPublicKey } from 'node:crypto'
import { filesUnder } from '@joinery/host/files'
import { fingerprint, KubeletCertificate } from '@joinery/protocol'
import { makeCertificate } from '@joinery/testing/etcd/certificates'
import t from 'tap'
import { Value } from 'typebox/value'
import { describeCertificate, kubeletCertificate } from '../../../src/machine/kubeadm/kubelet-certificate.ts'

t.test('the kubelet’s file gives the fingerprint of its public key and its serial', async (t) => {
  const { cert, key } = await makeCertificate({ name: 'system:node:worker-1', serial: '0abc12' })
  const pki = { 'kubelet-client-current.pem': `${cert}\n${key}` }
  const found = await kubeletCertificate(filesUnder(t.testdir({ var: { lib: { kubelet: { pki } } } })))
  t.same(found, { fingerprint: fingerprint(createPublicKey(key)), serial: '0ABC12' })
  t.ok(Value.Check(KubeletCertificate, found))
})

t.test('a kubelet without a certificate has none', async (t) => {
  t.equal(await kubeletCertificate(filesUnder(t.testdir({}))), undefined)
  t.equal(describeCertificate('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'), undefined)
  t.equal(describeCertificate('-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----'), undefined)
})
