import type { State } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideTakenBack } from '../../../src/core/generation/take-back.ts'

const now = new Date('2026-01-02T00:00:00Z')
const why = 'the store was restored from a backup'
const attempt = { number: 1, tokenId: 'abcdef', claimed: '', deadline: '2026-01-01T00:10:00.000Z', refusedCsrs: [] }
const grant = { sealed: 'jwe', until: '2026-01-01T00:15:00.000Z' }

const rows: [what: string, before: EnrolmentPart & { state: State }, after: EnrolmentPart][] = [
  [
    'approved',
    { state: 'approved' },
    { state: 'pending', join: { attempts: [] }, approval: { takenBack: { by: 'alice' } } }
  ],
  [
    'joining',
    { state: 'joining', join: { attempts: [attempt] } },
    { state: 'pending', join: { attempts: [{ ...attempt, failedBy: 'server' }] } }
  ],
  [
    'a join command',
    { state: 'joining', withoutAgent: true, join: { attempts: [attempt] } },
    { state: 'failed', reason: /backup/ as never }
  ],
  [
    'a way back that is approved',
    {
      state: 'recovering',
      join: { ready: now.toISOString() },
      recovery: { state: 'approved', since: '', approved: { at: '' } }
    },
    { state: 'ready', recovery: { state: 'over', since: now.toISOString(), why } }
  ],
  [
    'a way back with an open attempt',
    {
      state: 'recovering',
      join: { ready: now.toISOString(), attempts: [{ ...attempt, recovery: true }] },
      recovery: { state: 'approved', since: '', attempt: 1 }
    },
    { state: 'ready', join: { attempts: [{ ...attempt, failedBy: 'server', failure: why }] } }
  ]
]

for (const [what, before, after] of rows) {
  t.test(`an older store takes its decisions back: ${what}`, async (t) => {
    const { enrolment, entries } = decideTakenBack(
      anEnrolment('e', { ...before, join: { ...before.join, lastAttempt: 3 } }),
      { why, by: 'alice' },
      now
    )
    t.match(enrolment, { ...after, since: now.toISOString() }, what)
    t.match(entries, [{ actor: 'server', detail: /restored from a backup/ }], what)
  })
}

t.test('a grant of root ends with its approval', async (t) => {
  const before = anEnrolment('e', { role: 'control-plane', state: 'approved', join: { grant } })
  const { enrolment } = decideTakenBack(before, { why }, now)
  t.equal(enrolment.join.grant, undefined)
})
