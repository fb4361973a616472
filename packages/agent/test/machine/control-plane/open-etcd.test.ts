import { X509Certificate } from 'node:crypto'
import { makeCertificate } from '@joinery/testing/etcd/certificates'
import t from 'tap'
import { issueClient } from '../../../src/machine/control-plane/issue-client.ts'
import { openEtcd } from '../../../src/machine/control-plane/open-etcd.ts'
import { systemClock } from '../../../src/program/clock.ts'

const pki = '/etc/kubernetes/pki'
const ca = await makeCertificate({ name: 'etcd-ca' })
const client = await issueClient(ca, Date.now())
const whole = {
  [`${pki}/etcd/ca.crt`]: ca.cert,
  [`${pki}/etcd/ca.key`]: ca.key,
  [`${pki}/apiserver-etcd-client.crt`]: client.cert,
  [`${pki}/apiserver-etcd-client.key`]: client.key
}

const opens = async (files: Record<string, string>): Promise<boolean> => {
  const etcd = await openEtcd({ read: async (path) => files[path] }, systemClock)(['127.0.0.1'])
  await etcd?.close()
  return etcd !== undefined
}

t.test('kubeadm’s client certificate opens etcd, and if a power cut took it, the CA does', async (t) => {
  t.ok(await opens(whole))
  t.ok(await opens({ ...whole, [`${pki}/apiserver-etcd-client.crt`]: '' }))
  t.ok(await opens({ ...whole, [`${pki}/apiserver-etcd-client.key`]: ca.key }), 'the key of another one')
})

t.test('a certificate that is issued is good an hour before and after the time that the clock says', async (t) => {
  const { cert } = await issueClient(ca, Date.parse('2031-05-06T07:08:09Z'))
  const { validFromDate, validToDate } = new X509Certificate(cert)
  t.same([validFromDate, validToDate], [new Date('2031-05-06T06:08:09Z'), new Date('2031-05-06T08:08:09Z')])
})

t.test('a machine without a CA of etcd has shown etcd nothing', async (t) => {
  t.notOk(await opens({}))
  t.notOk(await opens({ [`${pki}/etcd/ca.crt`]: ca.cert }))
})
