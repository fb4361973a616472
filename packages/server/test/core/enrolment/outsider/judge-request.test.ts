import type { State } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { judgeRequest, type RequestVerdict } from '../../../../src/core/enrolment/outsider/decide-outsider.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const since = '2026-01-01T00:10:00.500Z'
const enrolment = (state: State, part: EnrolmentPart = {}) =>
  anEnrolment(state, { state, since, name: 'worker-1', join: { attempts: [anAttempt('aaaaaa')] } }, part)
const csr = (part: Partial<Csr> = {}) =>
  aCsr('csr-x', {
    created: new Date('2026-01-01T00:11:00Z'),
    username: 'system:bootstrap:ffffff',
    approved: true,
    ...part
  })
const pending = { approved: false }
const own = { username: 'system:node:worker-1' }
const ours = new Set(['cccccc'])

const table: [what: string, asked: Partial<Csr>, named: EnrolmentDocument[], verdict: RequestVerdict][] = [
  ['a foreign token that got a certificate, for a name that nobody has', {}, [], 'outside'],
  ['an administrator who got a certificate', { username: 'kubernetes-admin' }, [], 'outside'],
  [
    'a foreign token that got a certificate, without a shown approval',
    { ...pending, certificate: 'PEM' },
    [],
    'outside'
  ],
  ['a foreign token that waits', pending, [], 'leave'],
  ['a foreign token that was denied', { denied: true }, [], 'leave'],
  ['a foreign token, for the name of a ready enrolment', {}, [enrolment('ready')], 'outside'],
  ['a foreign token, for a name that only waits', {}, [enrolment('pending', { join: { attempts: [] } })], 'outside'],
  ['the token of the attempt', { username: 'system:bootstrap:aaaaaa' }, [enrolment('joining')], 'leave'],
  [
    'the token of an enrolment that is pending again',
    { username: 'system:bootstrap:aaaaaa' },
    [enrolment('pending')],
    'leave'
  ],
  ['a token of another enrolment, which its own guard judges', { username: 'system:bootstrap:cccccc' }, [], 'leave'],
  ['a kubelet that joins by a certificate', own, [enrolment('joining')], 'leave'],
  [
    'a kubelet that joins by a certificate of before it was rejected',
    { ...own, ...pending },
    [enrolment('rejected')],
    'returns'
  ],
  ['the server itself', { username: 'system:serviceaccount:joinery-system:joinery-server' }, [], 'leave'],
  ['a Node that renews, enrolled', own, [enrolment('ready')], 'leave'],
  ['a Node that renews, of before Joinery', own, [], 'leave'],
  [
    'a Node that renewed before it was rejected',
    { ...own, created: new Date('2026-01-01T00:10:00Z') },
    [enrolment('rejected')],
    'leave'
  ],
  ['a Node that renews after it was rejected', own, [enrolment('rejected')], 'returns'],
  ['a Node that asks after it was removed', { ...own, ...pending }, [enrolment('removed')], 'returns'],
  ['a foreign token, for a name that was removed', pending, [enrolment('removed')], 'returns'],
  ['a foreign token, for a name that is frozen', pending, [enrolment('frozen')], 'returns'],
  [
    'a foreign token that was denied, for a name that was removed',
    { ...pending, denied: true },
    [enrolment('removed')],
    'leave'
  ],
  [
    'a foreign token, for a name that was rejected before any claim',
    pending,
    [enrolment('rejected', { join: { attempts: [] } })],
    'leave'
  ],
  ['a Node whose name was removed and then enrolled again', own, [enrolment('removed'), enrolment('joined')], 'leave'],
  ['a Node whose name is to be approved again', own, [enrolment('pending')], 'leave']
]

for (const [what, asked, named, verdict] of table) {
  t.test(`a request by ${what}: ${verdict}`, async (t) => {
    t.equal(judgeRequest(csr(asked), 'worker-1', named, ours), verdict)
  })
}
