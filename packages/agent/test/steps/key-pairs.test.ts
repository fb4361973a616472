import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { SharedFiles } from '@joinery/protocol/seal'
import { makeCertificate } from '@joinery/testing/etcd/certificates'
import t from 'tap'
import { unpairedKey } from '../../src/steps/open-keys.ts'

const authority = async (name: string, file: string) => {
  const { cert, key } = await makeCertificate({ name })
  return { [`${file}.crt`]: cert, [`${file}.key`]: key }
}
const serviceAccounts = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' }
  })
  return { 'sa.key': privateKey, 'sa.pub': publicKey }
}
const keys = async (): Promise<SharedFiles> => ({
  ...serviceAccounts(),
  ...(await authority('etcd-ca', 'etcd/ca')),
  ...(await authority('front-proxy-ca', 'front-proxy-ca')),
  ...(await authority('kubernetes', 'ca'))
})
const [own, theirs] = await Promise.all([keys(), keys()])
const { 'etcd/ca.key': _, ...shared } = own
const external = { ...shared, ...(await authority('kube-apiserver-etcd-client', 'apiserver-etcd-client')) }
const both = (first?: string, second?: string) => `${first}\n${second}`
const publicOf = (key = '') => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
const trusted = (certificate = '') => certificate.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE')
const junk = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'

const cases: [what: string, files: SharedFiles, unpaired: { key: string; of: string } | undefined][] = [
  ['the keys of a cluster with stacked etcd', own, undefined],
  ['of one with external etcd', external, undefined],
  ['a CA of its own', { ...own, 'ca.key': theirs['ca.key'] as string }, { key: 'ca.key', of: 'ca.crt' }],
  [
    'all keys of its own, and the CA of the cluster is named first',
    { ...theirs, 'ca.crt': own['ca.crt'] as string },
    { key: 'ca.key', of: 'ca.crt' }
  ],
  [
    'a front proxy of its own',
    { ...own, 'front-proxy-ca.crt': theirs['front-proxy-ca.crt'] as string },
    { key: 'front-proxy-ca.key', of: 'front-proxy-ca.crt' }
  ],
  [
    'an etcd of its own',
    { ...own, 'etcd/ca.key': theirs['etcd/ca.key'] as string },
    { key: 'etcd/ca.key', of: 'etcd/ca.crt' }
  ],
  [
    'another client of external etcd',
    { ...external, 'apiserver-etcd-client.key': theirs['ca.key'] as string },
    { key: 'apiserver-etcd-client.key', of: 'apiserver-etcd-client.crt' }
  ],
  [
    'another key of service accounts',
    { ...own, 'sa.key': theirs['sa.key'] as string },
    { key: 'sa.key', of: 'sa.pub' }
  ],
  [
    'service accounts whose key is renewed, with the old one beside',
    { ...own, 'sa.pub': both(theirs['sa.pub'], own['sa.pub']) },
    undefined
  ],
  [
    'a CA that is renewed, its new certificate first',
    { ...own, 'ca.crt': both(own['ca.crt'], theirs['ca.crt']) },
    undefined
  ],
  [
    'a CA of its own, with its public key before the certificate of the cluster',
    { ...own, 'ca.key': theirs['ca.key'] as string, 'ca.crt': both(publicOf(theirs['ca.key']), own['ca.crt']) },
    { key: 'ca.key', of: 'ca.crt' }
  ],
  [
    'a CA of its own, behind a block that Go does not take for a certificate',
    { ...own, 'ca.key': theirs['ca.key'] as string, 'ca.crt': `x${both(theirs['ca.crt'], own['ca.crt'])}` },
    { key: 'ca.key', of: 'ca.crt' }
  ],
  [
    'a CA of its own, behind a block that OpenSSL takes for a certificate',
    { ...own, 'ca.key': theirs['ca.key'] as string, 'ca.crt': both(trusted(theirs['ca.crt']), own['ca.crt']) },
    { key: 'ca.key', of: 'ca.crt' }
  ],
  [
    'a second private key in one file',
    { ...own, 'ca.key': both(own['ca.key'], theirs['ca.key']) },
    { key: 'ca.key', of: 'ca.crt' }
  ],
  [
    'keys of a cluster with words before a block',
    { ...own, 'ca.crt': both('the CA of a cluster', own['ca.crt']) },
    undefined
  ],
  [
    'keys of a cluster with the line ends of another system',
    { ...own, 'ca.crt': own['ca.crt']?.replaceAll('\n', '\r\n') ?? '' },
    undefined
  ],
  ['a file of a key that holds no key', { ...own, 'ca.key': junk }, { key: 'ca.key', of: 'ca.crt' }],
  ['a file of a certificate that holds no certificate', { ...own, 'ca.crt': junk }, { key: 'ca.key', of: 'ca.crt' }],
  ['a file of a public key that holds no public key', { ...own, 'sa.pub': '' }, { key: 'sa.key', of: 'sa.pub' }]
]
for (const [what, files, unpaired] of cases)
  t.test(`${what}: ${unpaired ? `${unpaired.key} does not fit` : 'all fit'}`, async (t) =>
    t.same(unpairedKey(files), unpaired)
  )
