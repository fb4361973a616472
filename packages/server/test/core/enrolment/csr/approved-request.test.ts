import { aCsr } from '@joinery/testing/documents/csr'
import 'reflect-metadata'
import { createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto'
import { serverUsername } from '@joinery/kube/names'
import { fingerprint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { mlDsaRequest, pemOf, signedRequest, spki } from '@joinery/testing/requests/signed-request'
import { type JsonName, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import t from 'tap'
import { parseCsrRequest } from '../../../../src/core/enrolment/csr/csr-request.ts'
import { approvedRequest, requireOwnCsr } from '../../../../src/core/enrolment/csr/decide-issued.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const generate = (signing: object) =>
  crypto.subtle.generateKey(signing as EcKeyGenParams, true, ['sign', 'verify']) as Promise<CryptoKeyPair>
const keys = await generate(algorithm)
const subject = (name: string): JsonName => [{ O: ['system:nodes'] }, { CN: [`system:node:${name}`] }]
const make = async (name: JsonName, dnsName?: string, own = keys, signing: object = algorithm): Promise<string> => {
  const extensions =
    dnsName === undefined ? [] : [new SubjectAlternativeNameExtension([{ type: 'dns', value: dnsName }])]
  const request = { name, keys: own, signingAlgorithm: signing as Algorithm, extensions }
  return (await Pkcs10CertificateRequestGenerator.create(request)).toString('pem')
}
const keyOf = ({ publicKey }: CryptoKeyPair) => fingerprint(KeyObject.from(publicKey))
const own = await make(subject('worker-1'))
const of = (key?: string) => anEnrolment('e1', { name: 'worker-1', join: given({ key }) })
const approved = of(keyOf(keys))

t.test('the request of a kubelet of the approved name, by the join key, is approved', async (t) => {
  const request = await approvedRequest(own, approved)
  t.match(parseCsrRequest(request), { commonNames: ['system:node:worker-1'], organizations: ['system:nodes'] })
  t.equal(await approvedRequest(`${own}\n`, approved), request, 'a newline at the end may be there or not')
})

t.test('every other request is refused', async (t) => {
  const strong = { ...algorithm, namedCurve: 'P-384' }
  const [p384, rsa] = [
    strong,
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2560 }
  ]
  const [p384Keys, rsaKeys] = [await generate(p384), await generate(rsa)]
  const rows: [string, string | undefined, EnrolmentDocument?][] = [
    ['nothing', undefined],
    ['no request', 'x'],
    ['an empty one', ''],
    ['without the lines around it', own.replace(/-----[^-]+-----|\s/g, '')],
    ['with another request behind it', `x${own}\n${await make(subject('cp-1'))}\n`],
    ['a certificate of another kind', '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'],
    ['of a machine without a join key', own, of()],
    ['by another key', own, of(keyOf(await generate(algorithm)))],
    [
      'by P-384 and signed as by P-256',
      await make(subject('worker-1'), undefined, p384Keys, p384),
      of(keyOf(p384Keys))
    ],
    [
      'by an RSA key that no kubelet makes',
      await make(subject('worker-1'), undefined, rsaKeys, rsa),
      of(keyOf(rsaKeys))
    ],
    ['for another name', await make(subject('worker-2'))],
    ['for a longer name', await make(subject('worker-10'))],
    ['for another case', await make(subject('Worker-1'))],
    ['for a look-alike', await make(subject('wоrker-1'))],
    ['of no node', await make([{ O: ['system:nodes'] }, { CN: ['worker-1'] }])],
    ['of masters', await make([{ O: ['system:masters'] }, { CN: ['system:node:worker-1'] }])],
    ['of masters too', await make([{ O: ['system:masters'] }, ...(subject('worker-1') as [])] as JsonName)],
    ['with a unit', await make([{ OU: ['x'] }, ...(subject('worker-1') as [])] as JsonName)],
    ['with another name', await make(subject('worker-1'), 'kubernetes.default')]
  ]
  for (const [which, pem, machine = approved] of rows) {
    await t.rejects(approvedRequest(pem, machine), { code: 'request-not-approved' }, which)
  }
})

t.test('a join key may be of another kind that a kubelet makes', async (t) => {
  const request = pemOf(mlDsaRequest('worker-1', 65))
  const key = parseCsrRequest(request)?.key
  t.equal(key?.asymmetricKeyType, 'ml-dsa-65')
  const machine = of(key === undefined ? '' : fingerprint(key))
  t.equal(await approvedRequest(request, machine), request.trimEnd())
  const damaged = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1)
  await t.rejects(
    approvedRequest(pemOf(damaged), machine),
    { code: 'request-not-approved' },
    'with a damaged signature'
  )
})

t.test('a request must be signed by the key in it', async (t) => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const machine = of(fingerprint(createPublicKey({ key: spki, format: 'der', type: 'spki' })))
  await t.resolves(approvedRequest(pemOf(signedRequest('worker-1')), machine))
  const stolen = pemOf(signedRequest('worker-1', {}, other))
  await t.rejects(
    approvedRequest(stolen, machine),
    { code: 'request-not-approved' },
    'by another key than the one in it'
  )
})

t.test('a CSR is the server’s own by its maker, signer, key and name', async (t) => {
  const csr = aCsr('joinery-e1-1', { username: serverUsername, request: own })
  t.doesNotThrow(() => requireOwnCsr(csr, approved))
  const wrong: [string, Partial<Csr>, string][] = [
    ['a node made it', { username: 'system:node:worker-1' }, 'cluster-unsafe'],
    ['an administrator made it', { username: 'kubernetes-admin' }, 'cluster-unsafe'],
    ['another signer', { signer: 'kubernetes.io/kube-apiserver-client' }, 'cluster-unsafe'],
    ['another name', { request: await make(subject('worker-2')) }, 'request-not-approved'],
    ['no request', { request: 'x' }, 'request-not-approved']
  ]
  for (const [which, part, code] of wrong) t.throws(() => requireOwnCsr({ ...csr, ...part }, approved), { code }, which)
})
