import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { KeyAlgorithm, State } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import { pemOf, signedRequest } from '@joinery/testing/requests/signed-request'
import 'reflect-metadata'
import { commandGroup, controlPlaneCommandGroup, controlPlaneGroup } from '@joinery/kube/names'
import { type JsonName, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import type { Test } from 'tap'
import t from 'tap'
import { judgeCsr, type Verdict } from '../../../../src/core/enrolment/csr/csr-guard.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const requestFor = async (name: JsonName, extensions: SubjectAlternativeNameExtension[] = []): Promise<string> =>
  (await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm, extensions })).toString(
    'pem'
  )
const byKey = ({ publicKey }: { publicKey: KeyObject }): string =>
  pemOf(signedRequest('worker-1', { publicKey: publicKey.export({ format: 'der', type: 'spki' }) }))
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const subject = (commonName: string, organization = 'system:nodes'): JsonName => [
  { O: [organization] },
  { CN: [commonName] }
]
const own = await requestFor(subject('system:node:worker-1'))

const now = new Date('2026-01-01T00:05:00Z')
const attempt = anAttempt('abc123')
const joining = anEnrolment('e1', { state: 'joining', name: 'worker-1', join: { attempts: [attempt] } })
const csr = aCsr('csr-1', { uid: 'uid-1', created: now, request: own })

const judged = async (
  t: Test,
  rows: [string, Partial<Csr>, Verdict][],
  expected = joining,
  of = attempt,
  algorithm: KeyAlgorithm = 'ECDSA-P256'
) => {
  for (const [name, part, verdict] of rows) {
    t.equal(judgeCsr({ ...csr, ...part }, expected, of, algorithm, now), verdict, name)
  }
}

t.test('the right request is granted', async (t) => {
  await judged(t, [
    ['as the kubelet asks', {}, 'approve'],
    [
      'with a usage that came with RSA keys',
      { usages: ['digital signature', 'key encipherment', 'client auth'] },
      'approve'
    ],
    ['usages in another order', { usages: ['client auth', 'digital signature'] }, 'approve']
  ])
})

t.test('a strong key of a kind that kubelets of this cluster do not make is refused, and accuses nobody', async (t) => {
  const rows = (verdict: Verdict): [string, Partial<Csr>, Verdict][] => [
    ['ML-DSA-44', { request: byKey(generateKeyPairSync('ml-dsa-44')) }, 'other-key'],
    ['ML-DSA-65', { request: byKey(generateKeyPairSync('ml-dsa-65')) }, verdict],
    ['ML-DSA-87', { request: byKey(generateKeyPairSync('ml-dsa-87')) }, 'other-key'],
    ['P-384', { request: byKey(generateKeyPairSync('ec', { namedCurve: 'P-384' })) }, 'other-key'],
    ['P-521', { request: byKey(generateKeyPairSync('ec', { namedCurve: 'P-521' })) }, 'other-key'],
    ['RSA', { request: byKey(rsa(2048)) }, 'other-key'],
    ['Ed25519', { request: byKey(generateKeyPairSync('ed25519')) }, 'other-key'],
    ['the usual kind', {}, 'approve']
  ]
  await judged(t, rows('other-key'))
  await judged(t, rows('approve'), joining, attempt, 'ML-DSA-65')
  await judged(
    t,
    rows('other-key').map(([name, part]) => [`${name} that a person approved`, { ...part, approved: true }, 'approve'])
  )
  const full = { ...attempt, refusedCsrs: Array.from({ length: 20 }, (_, index) => `uid-${100 + index}`) }
  const [one] = rows('other-key')
  t.equal(judgeCsr({ ...csr, ...one?.[1] }, joining, full, 'ECDSA-P256', now), 'leave', 'a loop of them')
})

t.test('a key that can only sign asks for no encipherment', async (t) => {
  const request = byKey(generateKeyPairSync('ml-dsa-65'))
  const usages = ['digital signature', 'key encipherment', 'client auth']
  await judged(t, [['ML-DSA', { request, usages }, 'foreign-name']], joining, attempt, 'ML-DSA-65')
})

t.test('a credential belongs to the group of its role, and one of the other role is not ours', async (t) => {
  const byControlPlane = { groups: ['system:bootstrappers', controlPlaneGroup, 'system:authenticated'] }
  const controlPlane: EnrolmentDocument = { ...joining, role: 'control-plane' }
  await judged(t, [["by a control plane's token", byControlPlane, 'approve']], controlPlane)
  await judged(t, [["a control plane's by a worker's token", {}, 'foreign-name']], controlPlane)
  await judged(t, [["a worker's by a control plane's token", byControlPlane, 'foreign-name']])
})

t.test('the token of a join command is of its own group, and that of an agent of the workers', async (t) => {
  const byCommand = { groups: ['system:bootstrappers', commandGroup, 'system:authenticated'] }
  const withoutAgent: EnrolmentDocument = { ...joining, withoutAgent: true, role: 'worker' }
  await judged(t, [['of a join command', byCommand, 'approve']], withoutAgent)
  await judged(t, [['of a worker', {}, 'foreign-name']], withoutAgent)
  await judged(t, [['of a join command', byCommand, 'foreign-name']])
  const byControlPlane = { groups: ['system:bootstrappers', controlPlaneCommandGroup, 'system:authenticated'] }
  await judged(t, [['of a control plane', byControlPlane, 'foreign-name']], withoutAgent)
  await judged(t, [['of a control plane', byControlPlane, 'approve']], { ...withoutAgent, role: 'control-plane' })
  const odd = { request: await requestFor(subject('system:node:worker-2')) }
  await judged(t, [['for another node', { ...byCommand, ...odd }, 'foreign-name']], withoutAgent)
  const granted = { ...attempt, csr: { name: 'csr-0', uid: 'uid-0' } }
  await judged(
    t,
    [['a second one', byCommand, 'second']],
    { ...withoutAgent, join: { ...withoutAgent.join, attempts: [granted] } },
    granted
  )
  await judged(t, [['after it failed', byCommand, 'second']], { ...withoutAgent, state: 'failed' })
})

t.test('a request by somebody else is not ours', async (t) => {
  await judged(t, [
    ['another token', { username: 'system:bootstrap:zzzzzz' }, 'leave'],
    ['a node that renews', { username: 'system:node:worker-1' }, 'leave'],
    ['an administrator', { username: 'kubernetes-admin' }, 'leave'],
    ['a name that only begins like it', { username: 'system:bootstrap:abc1234' }, 'leave'],
    ['a name that only ends like it', { username: 'x:system:bootstrap:abc123' }, 'leave'],
    ['another case', { username: 'system:bootstrap:ABC123' }, 'leave'],
    ['one that somebody denied', { denied: true }, 'leave'],
    ['a foreign name by a foreign token', { username: 'system:bootstrap:zzzzzz', request: 'x' }, 'leave']
  ])
})

t.test('the subject of a request must be this kubelet, in exact bytes', async (t) => {
  const dns = new SubjectAlternativeNameExtension([{ type: 'dns', value: 'worker-1' }])
  const odd = (what: string, request: string): [string, Partial<Csr>, Verdict] => [what, { request }, 'foreign-name']
  await judged(t, [
    odd('another node', await requestFor(subject('system:node:worker-2'))),
    odd('a longer name', await requestFor(subject('system:node:worker-10'))),
    odd('a shorter name', await requestFor(subject('system:node:worker-'))),
    odd('another case', await requestFor(subject('system:node:Worker-1'))),
    odd('a look-alike', await requestFor(subject('system:node:wоrker-1'))),
    odd('a space behind', await requestFor(subject('system:node:worker-1 '))),
    odd('no prefix', await requestFor(subject('worker-1'))),
    odd('masters', await requestFor(subject('system:node:worker-1', 'system:masters'))),
    odd(
      'two organizations',
      await requestFor([{ O: ['system:nodes'] }, { O: ['system:masters'] }, { CN: ['system:node:worker-1'] }])
    ),
    odd(
      'two names',
      await requestFor([{ O: ['system:nodes'] }, { CN: ['system:node:worker-1'] }, { CN: ['system:node:worker-2'] }])
    ),
    odd('no organization', await requestFor([{ CN: ['system:node:worker-1'] }])),
    odd('no name', await requestFor([{ O: ['system:nodes'] }])),
    odd(
      'an organizational unit too',
      await requestFor([{ O: ['system:nodes'] }, { OU: ['x'] }, { CN: ['system:node:worker-1'] }])
    ),
    odd('an alternative name', await requestFor(subject('system:node:worker-1'), [dns])),
    odd('a short RSA key', byKey(rsa(1024))),
    odd('an RSA key of one bit too few', byKey(rsa(2040))),
    odd('a curve of others', byKey(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))),
    odd('a key that cannot sign', byKey(generateKeyPairSync('x25519'))),
    odd('no request at all', 'not a request'),
    odd('nothing', ''),
    ['another signer', { signer: 'kubernetes.io/kube-apiserver-client' }, 'foreign-name'],
    ['a serving certificate', { signer: 'kubernetes.io/kubelet-serving' }, 'foreign-name'],
    ['server auth too', { usages: [...csr.usages, 'server auth'] }, 'foreign-name'],
    ['no client auth', { usages: ['digital signature'] }, 'foreign-name'],
    ['cert sign', { usages: [...csr.usages, 'cert sign'] }, 'foreign-name'],
    ['a token that lost its group', { groups: ['system:bootstrappers', 'system:authenticated'] }, 'foreign-name']
  ])
})

t.test('an open attempt has one request', async (t) => {
  const granted = { ...attempt, csr: { name: 'csr-0', uid: 'uid-0' } }
  const over = { ...attempt, deadline: now.toISOString() }
  const later = { ...attempt, number: 2, tokenId: 'def456' }
  const as = (state: State, ...attempts: AttemptDocument[]) => ({
    ...joining,
    state,
    join: { ...joining.join, attempts }
  })
  await judged(t, [['a second one', {}, 'second']], as('joining', granted), granted)
  await judged(t, [['the granted one again', { uid: 'uid-0' }, 'leave']], as('joining', granted), granted)
  await judged(t, [['at the deadline', {}, 'second']], as('joining', over), over)
  await judged(t, [['of an attempt before the present one', {}, 'second']], as('joining', attempt, later), attempt)
  for (const state of [
    'pending',
    'approved',
    'joined',
    'ready',
    'frozen',
    'failed',
    'expired',
    'rejected',
    'removed'
  ] as const) {
    await judged(t, [[`while ${state}`, {}, 'second']], as(state, attempt), attempt)
  }
  const seen = { ...attempt, refusedCsrs: ['uid-1'] }
  await judged(t, [['one that was judged before', {}, 'leave']], as('joining', seen), seen)
  await judged(t, [['one that an administrator approved already', { approved: true }, 'approve']])
})

t.test('a loop of requests is noted twenty times, and another name still freezes', async (t) => {
  const refusedCsrs = Array.from({ length: 20 }, (_, index) => `uid-${100 + index}`)
  const granted = { ...attempt, csr: { name: 'csr-0', uid: 'uid-0' } }
  const [almost, full] = [
    { ...granted, refusedCsrs: refusedCsrs.slice(1) },
    { ...granted, refusedCsrs }
  ]
  const as = (state: State, of: AttemptDocument) => ({ ...joining, state, join: { ...joining.join, attempts: [of] } })
  const foreign = { request: await requestFor(subject('system:node:worker-2')) }
  await judged(t, [['the twentieth', {}, 'second']], as('joining', almost), almost)
  await judged(t, [['one more', {}, 'leave']], as('joining', full), full)
  await judged(t, [['another name', foreign, 'foreign-name']], as('joining', full), full)
  await judged(t, [['another name, when it is frozen', foreign, 'leave']], as('frozen', full), full)
  const open = { ...attempt, refusedCsrs }
  await judged(t, [['the one that is granted', {}, 'approve']], as('joining', open), open)
})
