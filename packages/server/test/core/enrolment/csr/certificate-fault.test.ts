import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import 'reflect-metadata'
import { certificateAuthority } from '@joinery/fake-kubernetes'
import { type JsonName, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import t from 'tap'
import { certificateFault, nodeOf, readCertificate } from '../../../../src/core/enrolment/csr/certificate-fault.ts'
import { decideStray, decideUntrusted, unsettledStrays } from '../../../../src/core/enrolment/csr/stray-certificates.ts'

const now = new Date('2026-01-01T00:05:00Z')
const ca = await certificateAuthority(() => now)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
type Names = ConstructorParameters<typeof SubjectAlternativeNameExtension>[0]
const issue = async (name: JsonName, names: Names = []) => {
  const extensions = names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]
  const request = await Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions
  })
  return ca.sign(`${request.toString('pem')}\n`, ['digital signature', 'server auth'], now)
}
const subject = (commonName: string, organization = 'system:nodes'): JsonName => [
  { O: [organization] },
  { CN: [commonName] }
]
const own = await issue(subject('system:node:worker-1'))

t.test('a certificate must have exactly the subject and names that were granted', async (t) => {
  const granted = { name: 'worker-1' }
  const names = [
    { type: 'ip', value: '10.0.0.7' },
    { type: 'dns', value: 'worker-1' }
  ] as const
  const serving = await issue(subject('system:node:worker-1'), [...names])
  t.equal(certificateFault(readCertificate(own), granted), undefined)
  const toServe = { ...granted, alternativeNames: [...names].reverse() }
  t.equal(certificateFault(readCertificate(serving), toServe), undefined, 'in any order')
  const rows: [what: string, pem: string, fault: RegExp, granted?: typeof toServe][] = [
    [
      'another node',
      await issue(subject('system:node:cp-1')),
      /^its subject is O=system:nodes, CN=system:node:cp-1, but .* was granted$/
    ],
    ['a longer name', await issue(subject('system:node:worker-10')), /worker-10/],
    ['another case', await issue(subject('system:node:Worker-1')), /Worker-1/],
    ['a NUL', await issue(subject('system:node:worker-1\0')), /worker-1\\u\{0\}/],
    ['masters', await issue(subject('system:node:worker-1', 'system:masters')), /O=system:masters/],
    [
      'masters too',
      await issue([{ O: ['system:masters'] }, ...(subject('system:node:worker-1') as [])]),
      /system:masters/
    ],
    ['a unit', await issue([{ OU: ['x'] }, ...(subject('system:node:worker-1') as [])]), /OU/],
    ['two names', await issue([...(subject('system:node:worker-1') as []), { CN: ['x'] }]), /CN=x/],
    ['no subject', await issue([]), /its subject is , but .* was granted$/],
    ['names that were not asked for', serving, /^it is for dns worker-1, ip 10.0.0.7, but none was granted$/],
    ['no names', own, /^it is for no names, but dns worker-1, ip 10.0.0.7 was granted$/, toServe],
    ['one name fewer', await issue(subject('system:node:worker-1'), [names[0]]), /^it is for ip 10.0.0.7, /, toServe],
    [
      'one name more',
      await issue(subject('system:node:worker-1'), [...names, { type: 'dns', value: 'etcd-0' }]),
      /etcd-0/,
      toServe
    ],
    [
      'a name of another kind',
      await issue(subject('system:node:worker-1'), [{ type: 'email', value: 'worker-1' }]),
      /email/
    ]
  ]
  for (const [what, pem, fault, of = granted] of rows) t.match(certificateFault(readCertificate(pem), of), fault, what)
  const long = certificateFault(readCertificate(await issue(subject('x'.repeat(5000)))), granted) ?? ''
  t.ok(long.length < 400, 'the words about it are bounded')
})

t.test('the cluster takes the last common name of a certificate for its node', async (t) => {
  const node = async (name: JsonName) => nodeOf(readCertificate(await issue(name)))
  t.equal(await node(subject('system:node:cp-1')), 'cp-1')
  t.equal(await node([{ CN: ['system:node:a'] }, { CN: ['system:node:b'] }]), 'b')
  t.equal(await node(subject('admin')), undefined)
  t.equal(await node([]), undefined)
})

const enrolment = (part: EnrolmentPart = {}) => anEnrolment('e1', { name: 'worker-1', state: 'joining' }, part)
const csr = (certificate: string, uid = 'u1') => ({ name: 'csr-1', uid, certificate })
const granted = { name: 'worker-1' }

t.test('a stray certificate freezes a machine on its way, and ends the trust in one that has joined', async (t) => {
  const stray = await issue(subject('system:node:worker-2'))
  for (const [state, becomes] of [
    ['joining', 'frozen'],
    ['approved', 'frozen'],
    ['joined', 'joined'],
    ['ready', 'ready'],
    ['failed', 'failed'],
    ['removed', 'removed']
  ] as const) {
    const decision = decideStray(enrolment({ state }), csr(stray), granted, now)
    const why = /^csr-1: the cluster issued certificate serial [0-9A-F]+, which nobody granted: its subject is/
    t.match(
      decision,
      { enrolment: { state: becomes, certificates: { untrusted: why }, reason: why }, entries: [{ alert: true }] },
      state
    )
    t.match(decision?.enrolment.certificates.stray, [{ csr: 'csr-1', uid: 'u1', node: 'worker-2' }], state)
    const after = decision?.enrolment ?? enrolment()
    t.equal(decideStray(after, csr(stray), granted, now), undefined, `${state}: told once`)
  }
  t.equal(decideStray(enrolment(), csr(own), granted, now), undefined, 'what was granted')
  t.equal(decideStray(enrolment(), { name: 'csr-1', uid: 'u1' }, granted, now), undefined, 'nothing was issued yet')
})

t.test('another name is banned if a Node can have it', async (t) => {
  for (const [name, nodes] of [
    ['system:node:worker-2', 1],
    ['system:node:worker-1', 0],
    ['system:node:Worker-2', 0],
    ['system:node:', 0],
    ['admin', 0]
  ] as const) {
    const stray = await issue(subject(name, name.endsWith('-1') ? 'x' : 'system:nodes'))
    const decision = decideStray(enrolment(), csr(stray), granted, now)
    t.equal(decision && unsettledStrays(decision.enrolment).length, nodes, name)
  }
})

t.test('an enrolment keeps twenty stray certificates', async (t) => {
  const stray = await issue(subject('system:node:worker-2'))
  let document = enrolment()
  for (let index = 0; index < 30; index += 1) {
    document = decideStray(document, csr(stray, `u${index}`), granted, now)?.enrolment ?? document
  }
  t.equal(document.certificates.stray?.length, 20)
})

t.test('an enrolment whose name a stray certificate has loses trust once, unless it has ended', async (t) => {
  const after = decideUntrusted(enrolment(), 'why', now)
  t.match(after, {
    enrolment: { state: 'frozen', certificates: { untrusted: 'why' } },
    entries: [{ event: 'conflict', alert: true }]
  })
  t.equal(decideUntrusted(after?.enrolment ?? enrolment(), 'why', now), undefined)
  t.match(decideUntrusted(enrolment({ state: 'ready' }), 'why', now), { enrolment: { state: 'ready', reason: 'why' } })
  t.match(decideUntrusted(enrolment({ state: 'ready' }), 'why', now, { uid: 'n1' })?.enrolment, {
    certificates: { unwantedNode: 'n1' }
  })
  for (const state of ['removed', 'rejected', 'expired'] as const)
    t.equal(decideUntrusted(enrolment({ state }), 'why', now), undefined, state)
})
