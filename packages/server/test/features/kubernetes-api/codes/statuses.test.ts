import { day } from '@joinery/protocol'
import { CodeStatusView } from '@joinery/protocol/door'
import { aCode } from '@joinery/testing/documents/code'
import t from 'tap'
import { Value } from 'typebox/value'
import { setBackAt } from '../../../../src/core/generation/set-back.ts'
import { codeStatus } from '../../../../src/features/kubernetes-api/codes/code-status.ts'
import { codesToDelete } from '../../../../src/features/kubernetes-api/codes/over-codes.ts'

const now = new Date('2026-01-10T00:00:00Z')
const iso = (milliseconds: number): string => new Date(now.getTime() + milliseconds).toISOString()
const id = '00000000-0000-4000-8000-000000000001'
const decided = { uid: 'u', result: 'refused', message: 'because', at: iso(0) } as const

t.test('the status of a Code is what the store says of its code, or the refusal', async (t) => {
  const open = aCode('a', { expires: iso(day), object: { uid: 'u', warnings: ['one', 'two\u001b[2J'] } })
  const table: [what: string, status: ReturnType<typeof codeStatus>, expected: object | undefined][] = [
    [
      'open, with its warnings',
      codeStatus({ code: open }, now, 3),
      { state: 'open', used: 0, message: 'one; two?[2J' }
    ],
    ['expired', codeStatus({ code: { ...open, expires: iso(0) } }, now, 3), { state: 'expired', used: 0 }],
    ['used', codeStatus({ code: { ...open, enrolment: id } }, now, 3), { state: 'used', used: 1, enrolment: id }],
    ['revoked', codeStatus({ code: { ...open, revoked: iso(0) } }, now, 3), { state: 'revoked', used: 0 }],
    [
      'refused',
      codeStatus({ refused: { ...decided, code: 'code-over' } }, now, 3),
      { state: 'refused', used: 0, code: 'code-over', message: 'because' }
    ],
    [
      'over when it was read',
      codeStatus({ refused: { ...decided, code: 'code-expired' } }, now, 3),
      { state: 'expired', used: 0, code: 'code-expired', message: 'because' }
    ],
    ['forgotten', codeStatus({}, now, 3), undefined]
  ]
  for (const [what, status, expected] of table) {
    const { conditions, observedGeneration, ...rest } = status ?? {}
    t.same(status && rest, expected, what)
    if (status !== undefined) t.equal(observedGeneration, 3, what)
    if (status !== undefined) t.ok(Value.Check(CodeStatusView, status), `${what} fits the schema`)
  }
  const long = codeStatus({ code: { ...open, object: { uid: 'u', warnings: ['w'.repeat(2000)] } } }, now, 3)
  t.ok(Value.Check(CodeStatusView, long), 'a long warning is cut')
})

t.test('O3: a Code is accepted for good, or refused and needs a person', async (t) => {
  const open = aCode('a', { expires: iso(day) })
  const accepted = {
    type: 'Accepted',
    status: 'True',
    reason: 'Accepted',
    lastTransitionTime: `${open.created.slice(0, 19)}Z`
  }
  for (const more of [{}, { expires: iso(0) }, { enrolment: id }, { revoked: iso(0) }]) {
    const { conditions } = codeStatus({ code: { ...open, ...more } }, now, 3) ?? {}
    t.match(conditions, [{ ...accepted, observedGeneration: 3 }], JSON.stringify(more))
    t.equal(conditions?.length, 1)
  }
  const refused = {
    reason: 'CodeOver',
    message: 'because',
    lastTransitionTime: '2026-01-10T00:00:00Z',
    observedGeneration: 3
  }
  t.same(codeStatus({ refused: { ...decided, code: 'code-over' } }, now, 3)?.conditions, [
    { type: 'Accepted', status: 'False', ...refused },
    { type: 'Stalled', status: 'True', ...refused }
  ])
})

t.test('Codes go that have been over for seven days, and beyond the bound the oldest that are over', async (t) => {
  const over = (seen: string, days: number) => ({ seen, since: new Date(now.getTime() - days * day) })
  const some = [over('new', 1), over('old', 7), over('older', 8), over('middle', 6.9)]
  const of = (isComplete: boolean, excess: number) => codesToDelete(some, { isComplete, excess, now })
  t.same(of(true, 3), ['older', 'old'])
  t.same(of(false, 1), ['older', 'old'])
  t.same(of(false, 3), ['older', 'old', 'middle'])
  t.same(codesToDelete([], { isComplete: false, excess: 3, now }), [], 'one that is not over stays')
})

t.test('a store went back when it was restored, older, or new, the last time counts', async (t) => {
  const said = (event: string, at: number, last?: number) => ({
    at: iso(at),
    actor: 'server',
    event,
    detail: '',
    alert: true,
    ...(last !== undefined && { last: iso(last) })
  })
  t.equal(setBackAt([said('generation-unreadable', 5)]), undefined)
  t.same(setBackAt([said('restore', 1), said('older-store', 2), said('new-store', 0)])?.toISOString(), iso(2))
  t.same(setBackAt([said('older-store', 1, 3), said('restore', 2)])?.toISOString(), iso(3))
})
