import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { aCsr } from '@joinery/testing/documents/csr'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { refusalsKept } from '../../../../src/core/enrolment/csr/csr-guard.ts'
import {
  decideRecoveryCsrs,
  judgeRecoveryCsr,
  type RecoveryCsrVerdict
} from '../../../../src/core/enrolment/csr/decide-recovery-csrs.ts'
import type { Csr } from '../../../../src/core/ports/cluster/csrs.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'

const now = new Date('2026-01-01T00:05:00Z')
const digest = 'a'.repeat(64)
const attempt: AttemptDocument = {
  number: 2,
  recovery: true,
  credentialCsr: 'joinery-e1-2',
  issued: { serial: '0A', since: '2026-01-01T00:00:02.000Z', digest },
  claimed: '2026-01-01T00:00:00Z',
  deadline: '2026-01-01T00:10:00Z',
  refusedCsrs: []
}
const csr = aCsr('csr-1', {
  uid: 'uid-1',
  created: new Date('2026-01-01T00:00:05Z'),
  username: 'system:node:worker-1',
  groups: ['system:nodes', 'system:authenticated'],
  request: (await kubeletRequest('worker-1')).request,
  credentialId: `X509SHA256=${digest}`
})
const other = (await kubeletRequest('worker-2')).request
const { credentialId: _, ...unnamed } = csr
const full = Array.from({ length: refusalsKept }, (_, number) => `${number}`)

const rows: [what: string, csr: Csr, attempt: Partial<AttemptDocument>, verdict: RecoveryCsrVerdict][] = [
  ['by the recovery certificate', csr, {}, 'note'],
  ['by another certificate', { ...csr, credentialId: `X509SHA256=${'b'.repeat(64)}` }, {}, 'other-credential'],
  ['the same digest in other words', { ...csr, credentialId: digest }, {}, 'other-credential'],
  ['by a credential that is not named', unnamed, {}, 'other-credential'],
  ['for another name', { ...csr, request: other }, {}, 'hostile'],
  ['for other usages', { ...csr, usages: ['server auth'] }, {}, 'hostile'],
  ['of another node', { ...csr, username: 'system:node:worker-2' }, {}, 'leave'],
  ['that was denied', { ...csr, denied: true }, {}, 'leave'],
  ['from before the certificate', { ...csr, created: new Date('2026-01-01T00:00:01Z') }, {}, 'leave'],
  ['in the second of the certificate', { ...csr, created: new Date('2026-01-01T00:00:02Z') }, {}, 'note'],
  ['that is noted', csr, { kubeletCsrs: [{ name: 'csr-1', uid: 'uid-1', key: 'k' }] }, 'leave'],
  ['that was refused', csr, { refusedCsrs: ['uid-1'] }, 'leave'],
  ['before the certificate is given out', csr, { issued: { serial: '0A', since: '' } }, 'leave'],
  ['by another certificate, of too many', { ...csr, credentialId: 'x' }, { refusedCsrs: full }, 'leave'],
  ['by the recovery certificate, of too many', csr, { refusedCsrs: full }, 'leave']
]
for (const [what, request, part, verdict] of rows) {
  t.test(`a request ${what}: ${verdict}`, async (t) => {
    t.equal(judgeRecoveryCsr(request, 'worker-1', { ...attempt, ...part }), verdict)
  })
}

const enrolment = (part: Partial<AttemptDocument> = {}, state: 'recovering' | 'ready' = 'recovering') =>
  anEnrolment('e1', {
    state,
    name: 'worker-1',
    recovery: { state: 'approved', since: '', attempt: 2 },
    join: { attempts: [{ number: 1 }, { ...attempt, ...part }] }
  })

t.test('what is refused alerts once', async (t) => {
  const strange = { ...csr, credentialId: 'x' }
  const once = decideRecoveryCsrs(enrolment(), [strange], now)
  t.match(once.entries, [{ event: 'other-credential', alert: true }])
  t.same(decideRecoveryCsrs(once.enrolment, [strange], now).entries, [])
})

t.test('only an open attempt to come back looks at requests', async (t) => {
  for (const one of [enrolment({}, 'ready'), enrolment({ number: 3 })]) {
    t.same(decideRecoveryCsrs(one, [csr], now), { enrolment: one, entries: [] })
  }
})
