import { createPrivateKey, X509Certificate } from 'node:crypto'
import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import t from 'tap'
import { certificateAuthority } from '../../src/kubeadm/authority.ts'

const now = new Date('2026-11-27T10:00:00Z')
const authority = await certificateAuthority(() => now)
const ca = new X509Certificate(authority.certificate)

t.test('a certificate is what the request and its CSR ask for, from the past five minutes on', async (t) => {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const name = [{ O: ['system:nodes'] }, { CN: ['system:node:one'] }]
  const request = (await Pkcs10CertificateRequestGenerator.create({ name, signingAlgorithm, keys })).toString('pem')
  const ends: readonly [seconds: number | undefined, end: string][] = [
    [undefined, '2027-11-27T09:55:00Z'],
    [600, '2026-11-27T10:10:00Z'],
    [1, '2026-11-27T10:10:00Z'],
    [86_400, '2026-11-28T09:55:00Z']
  ]
  for (const [seconds, end] of ends) {
    const usages = ['digital signature', 'client auth']
    const made = new X509Certificate(await authority.sign(`noise\n${request}`, usages, now, seconds))
    t.ok(made.verify(ca.publicKey))
    t.equal(made.subject, 'O=system:nodes\nCN=system:node:one')
    t.same(made.keyUsage, ['1.3.6.1.5.5.7.3.2'])
    t.same([made.validFromDate, made.validToDate], [new Date('2026-11-27T09:55:00Z'), new Date(end)])
  }
})

t.test('a key pair is for a client, or for hosts', async (t) => {
  const client = await authority.issueFor({ commonName: 'admin', organizations: ['system:masters'] })
  const admin = new X509Certificate(client.certificate)
  t.ok(admin.checkIssued(ca) && admin.checkPrivateKey(createPrivateKey(client.key)))
  t.equal(admin.subject, 'O=system:masters\nCN=admin')
  const server = await authority.issueFor({ commonName: 'kube-apiserver', hosts: ['localhost', '127.0.0.1'] })
  t.equal(new X509Certificate(server.certificate).subjectAltName, 'DNS:localhost, IP Address:127.0.0.1')
})
