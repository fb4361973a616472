import type { State } from '@joinery/protocol'
import { kubeletRequest, type OddSubject } from '@joinery/testing/cluster/world/kubelet-request'
import { aCsr } from '@joinery/testing/documents/csr'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { decideCsrs } from '../../../../src/core/enrolment/csr/decide-csrs.ts'
import { judgeNodeCsr, type NodeCsrVerdict } from '../../../../src/core/enrolment/csr/decide-node-csrs.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'

const now = new Date('2026-01-01T00:05:00Z')
const since = '2026-01-01T00:00:02.000Z'
const requestOf = async (name: string, odd?: OddSubject): Promise<string> => (await kubeletRequest(name, odd)).request
const attempt: AttemptDocument = {
  number: 1,
  credentialCsr: 'joinery-e1-1',
  issued: { serial: '0A', since },
  claimed: '2026-01-01T00:00:00Z',
  deadline: '2026-01-01T00:10:00Z',
  refusedCsrs: []
}
const enrolmentOf = (of: AttemptDocument, state: State = 'joining') =>
  anEnrolment('e1', { state, name: 'worker-1', join: { attempts: [of] } })
const csr = aCsr('csr-1', {
  uid: 'uid-1',
  created: new Date('2026-01-01T00:00:05Z'),
  username: 'system:node:worker-1',
  groups: ['system:nodes', 'system:authenticated'],
  request: await requestOf('worker-1'),
  approved: true
})
const judged = (t: Test, rows: [string, Partial<Csr>, NodeCsrVerdict][], of = attempt, state: State = 'joining') => {
  for (const [name, part, verdict] of rows) {
    t.equal(judgeNodeCsr({ ...csr, ...part }, enrolmentOf(of, state), of), verdict, name)
  }
}

t.test('a request of the node of the certificate is noted, whoever approved it', async (t) => {
  judged(t, [
    ['as the kubelet asks', {}, 'note'],
    ['not approved yet', { approved: false }, 'note'],
    ['in the very second', { created: new Date(since) }, 'note']
  ])
})

t.test('every other request is left alone', async (t) => {
  judged(t, [
    ['another node', { username: 'system:node:worker-2' }, 'leave'],
    ['a longer name', { username: 'system:node:worker-10' }, 'leave'],
    ['another case', { username: 'system:node:Worker-1' }, 'leave'],
    ['a token', { username: 'system:bootstrap:abc123' }, 'leave'],
    ['the server itself', { username: 'system:serviceaccount:joinery-system:joinery-server' }, 'leave'],
    ['an administrator', { username: 'kubernetes-admin' }, 'leave'],
    ['one that somebody denied', { denied: true }, 'leave'],
    ['of an earlier node of that name', { created: new Date('2026-01-01T00:00:01Z') }, 'leave'],
    ['a foreign request by another node', { username: 'system:node:worker-2', request: 'x' }, 'leave']
  ])
  const { issued: _, ...claimed } = attempt
  judged(t, [['before the certificate was given out', {}, 'leave']], claimed)
  judged(t, [['noted already', {}, 'leave']], { ...attempt, kubeletCsrs: [{ name: 'csr-1', uid: 'uid-1', key: 'k' }] })
  judged(t, [['refused already', { request: 'x' }, 'leave']], { ...attempt, refusedCsrs: ['uid-1'] })
})

t.test('a node that asks for more than a kubelet of its name freezes', async (t) => {
  judged(t, [
    ['another name', { request: await requestOf('worker-2') }, 'foreign-name'],
    ['masters', { request: await requestOf('worker-1', { organization: 'system:masters' }) }, 'foreign-name'],
    ['an alternative name', { request: await requestOf('worker-1', { dnsName: 'x' }) }, 'foreign-name'],
    ['server auth too', { usages: [...csr.usages, 'server auth'] }, 'foreign-name'],
    ['another signer', { signer: 'kubernetes.io/kube-apiserver-client' }, 'foreign-name'],
    ['no node', { groups: ['system:authenticated'] }, 'foreign-name'],
    ['nothing', { request: '' }, 'foreign-name']
  ])
})

t.test('the guard judges until the machine is ready, because later the kubelet renews by itself', async (t) => {
  for (const state of [
    'joining',
    'joined',
    'approved',
    'failed',
    'frozen',
    'rejected',
    'expired',
    'pending'
  ] as const) {
    judged(t, [[state, {}, 'note']], attempt, state)
  }
  for (const state of ['ready', 'removed'] as const) {
    judged(
      t,
      [
        [state, {}, 'leave'],
        [`${state}, a foreign name`, { request: 'x' }, 'leave']
      ],
      attempt,
      state
    )
  }
})

t.test('a loop of requests is noted twenty times, and a bad one still freezes', async (t) => {
  const kubeletCsrs = Array.from({ length: 20 }, (_, index) => ({ name: `c${index}`, uid: `u${index}`, key: 'k' }))
  judged(t, [['the twentieth', {}, 'note']], { ...attempt, kubeletCsrs: kubeletCsrs.slice(1) })
  judged(
    t,
    [
      ['one more', {}, 'leave'],
      ['another name', { request: 'x' }, 'foreign-name']
    ],
    { ...attempt, kubeletCsrs }
  )
  const full = { ...attempt, refusedCsrs: kubeletCsrs.map(({ uid }) => uid) }
  judged(t, [['another name, when it is frozen', { request: 'x' }, 'leave']], full, 'frozen')
})

t.test('the guard of tokens approves no request of an attempt that got a certificate', async (t) => {
  const decided = decideCsrs(
    enrolmentOf(attempt),
    [csr, { ...csr, uid: 'uid-2', username: 'kubernetes-admin' }],
    'ECDSA-P256',
    now
  )
  t.equal(decided.enrolment.join.attempts[0]?.csr, undefined)
  t.match(decided.enrolment.join.attempts[0]?.kubeletCsrs, [{ name: 'csr-1', uid: 'uid-1', key: /^sha256:/ }])
  t.match(decided.entries, [{ event: 'csr-seen', alert: false }])
  t.same(decideCsrs(decided.enrolment, [csr], 'ECDSA-P256', now), { enrolment: decided.enrolment, entries: [] }, 'once')
})
