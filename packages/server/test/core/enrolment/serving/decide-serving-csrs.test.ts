import { servingSigner } from '@joinery/kube/names'
import { servingUsages } from '@joinery/testing/cluster/world/cluster-world'
import { servingRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { aCsr } from '@joinery/testing/documents/csr'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { decideServingCsrs, servingCsrsToApprove } from '../../../../src/core/enrolment/serving/decide-serving-csrs.ts'
import type { Surroundings } from '../../../../src/core/enrolment/serving/serving-csr-guard.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { ServingCsrDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-01T00:05:00Z')
const around: Surroundings = { holders: new Map(), apiHosts: [], clusterNetworks: [], algorithm: 'ECDSA-P256' }
const node = aNode('worker-1', { uid: 'n1', systemUuid: 'm1' })
const enrolment = (servingCsrs?: ServingCsrDocument[], part: EnrolmentPart = {}) =>
  anEnrolment(
    'e1',
    {
      state: 'ready',
      name: 'worker-1',
      address: '10.0.0.7',
      facts: { machineId: 'm1' },
      node: { uid: 'n1', condition: 'Ready' },
      ...(servingCsrs && { certificates: { serving: servingCsrs } })
    },
    part
  )

const [good, bad] = [
  (await servingRequest('worker-1', ['10.0.0.7'])).request,
  (await servingRequest('worker-1', ['10.0.0.66'])).request
]
const csr = (name: string, part: Partial<Csr> = {}) =>
  aCsr(name, {
    uid: `u-${name}`,
    created: new Date('2026-01-01T00:02:00Z'),
    username: 'system:node:worker-1',
    groups: ['system:nodes', 'system:authenticated'],
    usages: servingUsages,
    signer: servingSigner,
    request: good,
    ...part
  })
const approved = (name: string): ServingCsrDocument => ({ name, uid: `u-${name}` })
const left = (name: string, why = 'once'): ServingCsrDocument => ({ name, uid: `u-${name}`, left: why })
const many = (count: number, of: (name: string) => ServingCsrDocument) =>
  Array.from({ length: count }, (_, index) => of(`${of.name}-${index}`))
const csrsOf = (known: readonly ServingCsrDocument[], part: Partial<Csr> = {}) =>
  known.map(({ name }) => csr(name, part))
const decide = (known: ServingCsrDocument[] | undefined, csrs: readonly Csr[], part?: EnrolmentPart) =>
  decideServingCsrs(enrolment(known, part), csrs, node, around, now)

const why = '10.0.0.66 is neither where the server sees the machine nor what it claimed when it was approved'
const rows: Record<
  string,
  {
    known?: ServingCsrDocument[]
    csrs: Csr[]
    /** Undefined: nothing is written. */
    kept?: ServingCsrDocument[]
    says?: string[]
  }
> = {
  nothing: { csrs: [] },
  'a good request': { csrs: [csr('a')], kept: [approved('a')], says: ['serving-csr-approved'] },
  'a bad request': { csrs: [csr('a', { request: bad })], kept: [left('a', why)], says: ['serving-csr-left'] },
  'a good request that was committed before': { known: [approved('a')], csrs: [csr('a')] },
  'a bad request that was noted before': { known: [left('a', why)], csrs: [csr('a', { request: bad })] },
  'another fault of a bad request': {
    known: [left('a')],
    csrs: [csr('a', { request: bad })],
    kept: [left('a', why)],
    says: []
  },
  'a request whose fault is gone': {
    known: [left('a')],
    csrs: [csr('a')],
    kept: [approved('a')],
    says: ['serving-csr-approved']
  },
  'a committed request that is bad by now': {
    known: [approved('a')],
    csrs: [csr('a', { request: bad })],
    kept: [left('a', why)],
    says: ['serving-csr-left']
  },
  'a request that is gone': {
    known: [approved('a'), left('b', why)],
    csrs: [csr('b', { request: bad })],
    kept: [left('b', why)],
    says: []
  },
  'a request that was denied': { known: [left('a')], csrs: [csr('a', { denied: true })], kept: [], says: [] },
  'a request that was denied before it was seen': { csrs: [csr('a', { denied: true })] },
  'a request that somebody approved': {
    known: [left('a')],
    csrs: [csr('a', { approved: true })],
    kept: [approved('a')],
    says: []
  },
  'a request that somebody approved before it was seen': { csrs: [csr('a', { approved: true })] },
  'a bad request that is approved': { known: [approved('a')], csrs: [csr('a', { approved: true, request: bad })] }
}
for (const [what, { known, csrs, kept, says }] of Object.entries(rows)) {
  t.test(`${what}: ${says?.join(' and ') || 'no entry'}`, async (t) => {
    const decided = decide(known, csrs)
    t.same(decided?.enrolment.certificates.serving, kept)
    t.same(
      decided?.entries.map(({ event }) => event),
      says
    )
  })
}

t.test('an endless kubelet has a bounded number of requests kept, of each kind', async (t) => {
  const [refused, granted] = [many(20, left), many(20, approved)]
  const open = csrsOf(refused, { request: bad })
  t.equal(decide(refused, [...open, csr('x', { request: bad })])?.entries.length, 0, 'one more bad one')
  t.match(decide(refused, [...open, csr('x')])?.entries, [{ event: 'serving-csr-approved' }], 'a good one')
  const done = csrsOf(granted, { approved: true })
  t.equal(decide(granted, [...done, csr('x')]), undefined, 'one more good one')
  t.equal(decide(granted.slice(1), [...done.slice(1), csr('x')])?.entries.length, 1, 'once the oldest is gone')
})

t.test('the newest requests are judged first, because the kubelet waits for them', async (t) => {
  const at = (second: number) => new Date(now.getTime() + second * 1000)
  const csrs = Array.from({ length: 200 }, (_, second) => csr(`c${second}`, { created: at(second) }))
  const decided = decide(undefined, csrs)
  t.equal(decided?.enrolment.certificates.serving?.length, 20)
  t.match(decided?.enrolment.certificates.serving?.[0], { name: 'c199' })
})

t.test('before the join and after the end nothing is written or approved', async (t) => {
  for (const state of ['approved', 'joining', 'frozen', 'failed', 'rejected', 'expired', 'removed'] as const) {
    t.equal(decide([left('a')], [csr('a')], { state }), undefined, state)
    t.same(servingCsrsToApprove(enrolment([approved('a')], { state }), [csr('a')]), [], state)
  }
})

t.test('only an open request that was committed is approved', async (t) => {
  const known = enrolment([approved('a'), approved('b'), approved('c'), left('d')])
  const csrs = [csr('a'), csr('b', { approved: true }), csr('c', { denied: true }), csr('d'), csr('e')]
  t.same(servingCsrsToApprove(known, csrs), [csr('a')])
  t.same(servingCsrsToApprove(known, [csr('a', { uid: 'another' })]), [], 'another one of that name')
})
