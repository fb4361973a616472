import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideLostCertificates } from '../../../../src/core/enrolment/csr/decide-lost-certificates.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'

const now = new Date('2026-01-10T00:00:00Z')
const certificate = { fingerprint: `sha256:${'0'.repeat(64)}`, serial: '0A' }
const other = { fingerprint: `sha256:${'1'.repeat(64)}`, serial: '0B' }
const failure = 'machine: the power was cut'

const cases: [what: string, attempts: Partial<AttemptDocument>[], told: RegExp[]][] = [
  ['an attempt that is open', [{ certificate }], []],
  ['an attempt that failed before there was a certificate', [{ failure }], []],
  ['an attempt whose certificate the machine holds', [{ failure, certificate, held: certificate }], []],
  ['an attempt whose certificate the machine does not report', [{ failure, certificate }], [/serial 0A of attempt 1/]],
  [
    'an attempt whose machine holds another certificate',
    [{ failure, certificate, held: other }],
    [/serial 0A of attempt 1/]
  ],
  ['an attempt that alerted already', [{ failure, certificate, lostCertificate: true }], []],
  [
    'two attempts that failed, and the present one',
    [{ failure, certificate }, { failure, certificate: other }, { certificate }],
    [/serial 0A of attempt 1/, /serial 0B of attempt 2/]
  ]
]

for (const [what, attempts, told] of cases) {
  t.test(`${what}: ${told.length === 0 ? 'no entry' : 'an operator gets an alert for each'}`, async (t) => {
    const { enrolment, entries } = decideLostCertificates(anEnrolment('e1', { join: { attempts } }), now)
    t.match(
      entries,
      told.map((detail) => ({ event: 'certificate-lost', alert: true, detail }))
    )
    t.equal(entries.length, told.length)
    t.same(decideLostCertificates(enrolment, now), { enrolment, entries: [] })
  })
}
