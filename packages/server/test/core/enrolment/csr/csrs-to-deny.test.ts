import { generateKeyPairSync } from 'node:crypto'
import { commandGroup, controlPlaneGroup, workerGroup } from '@joinery/kube/names'
import type { State } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import { pemOf, signedRequest } from '@joinery/testing/requests/signed-request'
import t from 'tap'
import { csrsToDeny } from '../../../../src/core/enrolment/csr/csrs-to-deny.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const attempt = (number: number, part: Partial<AttemptDocument> = {}) =>
  anAttempt(`token${number}`, { number, ...part })
const enrolment = (state: State, ...attempts: AttemptDocument[]) => anEnrolment('e1', { state, join: { attempts } })
const csr = (uid: string, part: Partial<Csr> = {}) =>
  aCsr(`csr-${uid}`, { uid, username: 'system:bootstrap:token1', ...part })
const { tokenId: _, ...withoutToken } = attempt(1)
const granted = { csr: { name: 'csr-a', uid: 'a' } }

t.test('only a request that is committed as not approved is denied', async (t) => {
  const rows: [what: string, EnrolmentDocument, Csr, denied: boolean][] = [
    ['the one of the open attempt', enrolment('joining', attempt(1, granted)), csr('a'), false],
    ['one that was not judged yet', enrolment('joining', attempt(1)), csr('a'), false],
    ['a second one', enrolment('joining', attempt(1, granted)), csr('b'), true],
    ['one that was refused', enrolment('joining', attempt(1, { refusedCsrs: ['b'] })), csr('b'), true],
    ['the one of an attempt that is over', enrolment('joining', attempt(1, granted), attempt(2)), csr('a'), true],
    ...(['frozen', 'rejected', 'failed', 'approved', 'joined', 'ready', 'removed'] as const).map(
      (state): [string, EnrolmentDocument, Csr, boolean] => [
        state,
        enrolment(state, attempt(1, granted)),
        csr('a'),
        true
      ]
    ),
    ['one that is approved', enrolment('frozen', attempt(1, granted)), csr('a', { approved: true }), false],
    ['one that is denied', enrolment('frozen', attempt(1)), csr('b', { denied: true }), false],
    ['of another token', enrolment('frozen', attempt(1)), csr('b', { username: 'system:bootstrap:tokenx' }), false],
    ['of a node', enrolment('frozen', attempt(1)), csr('b', { username: 'system:node:worker-1' }), false],
    ['of nobody', enrolment('frozen', withoutToken), csr('b', { username: 'x' }), false],
    ['for another signer', enrolment('frozen', attempt(1)), csr('b', { signer: 'example.org/x' }), false],
    ['of no group of ours', enrolment('frozen', attempt(1)), csr('b', { groups: ['system:bootstrappers'] }), false],
    ['of two', enrolment('frozen', attempt(1)), csr('b', { groups: [workerGroup, controlPlaneGroup] }), false],
    ['of a join command', enrolment('frozen', attempt(1)), csr('b', { groups: [commandGroup] }), true]
  ]
  for (const [what, document, one, denied] of rows)
    t.equal(csrsToDeny(document, [one], 'ECDSA-P256').length, denied ? 1 : 0, what)
})

t.test('at most twenty requests are denied at once', async (t) => {
  const many = Array.from({ length: 50 }, (_, index) => csr(`u${index}`))
  t.equal(csrsToDeny(enrolment('frozen', attempt(1)), many, 'ECDSA-P256').length, 20)
})

t.test('a request with a fault of its own is denied with that', async (t) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const request = pemOf(signedRequest('worker-1', { publicKey: publicKey.export({ format: 'der', type: 'spki' }) }))
  const joining = enrolment('joining', attempt(1, { refusedCsrs: ['a', 'b'] }))
  const both = [csr('a'), csr('b', { request })]
  t.match(csrsToDeny(joining, both, 'ECDSA-P256'), [
    { csr: { uid: 'a' }, fault: undefined },
    { csr: { uid: 'b' }, fault: /ECDSA-P384.*clientCertificateKeyAlgorithm/ }
  ])
  t.match(csrsToDeny(joining, both, 'ECDSA-P384')[1], { fault: undefined }, 'a second one of the right kind')
})
