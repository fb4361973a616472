import type { State } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideTakenBack } from '../../../src/core/generation/take-back.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-02T00:00:00Z')
const why = 'the store was restored from a backup'
const attempt = { number: 1, tokenId: 'abcdef', claimed: '', deadline: '2026-01-01T00:10:00.000Z', refusedCsrs: [] }
const grant = { sealed: 'jwe', until: '2026-01-01T00:15:00.000Z' }

const rows: [what: string, before: Partial<EnrolmentDocument> & { state: State }, after: Partial<EnrolmentDocument>][] =
  [
    ['approved', { state: 'approved' }, { state: 'pending', attempts: [], restored: { by: 'alice' } }],
    [
      'joining',
      { state: 'joining', attempts: [attempt] },
      { state: 'pending', attempts: [{ ...attempt, failedBy: 'server' }] }
    ],
    [
      'a join command',
      { state: 'joining', withoutAgent: true, attempts: [attempt] },
      { state: 'failed', reason: /backup/ as never }
    ],
    [
      'a way back that is approved',
      {
        state: 'recovering',
        ready: now.toISOString(),
        recovery: { state: 'approved', since: '', approved: { at: '' } }
      },
      { state: 'ready', recovery: { state: 'over', since: now.toISOString(), why } }
    ],
    [
      'a way back with an open attempt',
      {
        state: 'recovering',
        ready: now.toISOString(),
        recovery: { state: 'approved', since: '', attempt: 1 },
        attempts: [{ ...attempt, recovery: true }]
      },
      { state: 'ready', attempts: [{ ...attempt, failedBy: 'server', failure: why }] }
    ]
  ]

for (const [what, before, after] of rows) {
  t.test(`an older store takes its decisions back: ${what}`, async (t) => {
    const { enrolment, entries } = decideTakenBack(
      anEnrolment('e', { ...before, lastAttempt: 3 }),
      { why, by: 'alice' },
      now
    )
    t.match(enrolment, { ...after, since: now.toISOString() }, what)
    t.match(entries, [{ actor: 'server', detail: /restored from a backup/ }], what)
  })
}

t.test('a grant of root ends with its approval', async (t) => {
  const before = anEnrolment('e', { role: 'control-plane', state: 'approved', grant })
  const { enrolment } = decideTakenBack(before, { why }, now)
  t.equal(enrolment.grant, undefined)
})
