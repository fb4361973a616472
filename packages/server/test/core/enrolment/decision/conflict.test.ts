import { type State, states } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideConflict, isCodeClosed } from '../../../../src/core/enrolment/decision/conflict.ts'

const now = new Date('2026-01-10T00:00:00.000Z')

/** What a conflict makes of an enrolment, by its state: who has joined is alerted of. */
const after: Record<State, State> = {
  pending: 'frozen',
  approved: 'frozen',
  joining: 'frozen',
  joined: 'joined',
  ready: 'ready',
  recovering: 'recovering',
  frozen: 'frozen',
  failed: 'failed',
  expired: 'expired',
  rejected: 'rejected',
  removed: 'removed'
}
for (const state of states) {
  const freezes = after[state] !== state
  t.test(`a conflict in the state ${state} ${freezes ? 'freezes' : 'alerts and changes nothing'}`, async (t) => {
    const before = anEnrolment('a', { state, reason: 'before' })
    const decision = decideConflict(before, 'cluster', 'why', now)
    t.match(decision.entries, [{ actor: 'cluster', event: 'conflict', detail: 'why', alert: true }])
    if (freezes) t.match(decision.enrolment, { state: 'frozen', since: now.toISOString(), reason: 'why' })
    else t.equal(decision.enrolment, before)
  })
}

const closed: [what: string, part: EnrolmentPart, is: boolean][] = [
  ['nobody decided yet', {}, false],
  ['it froze before any decision', { state: 'frozen' }, false],
  ['it was closed', { conflict: { codeClosed: now.toISOString() } }, true],
  ['it is approved', { state: 'approved' }, true],
  ['it joins', { state: 'joining' }, true],
  ['it was approved once, and waits again', { approval: { addresses: [] } }, true]
]
for (const [what, part, is] of closed) {
  t.test(`a code is ${is ? 'closed' : 'open'} if ${what}`, async (t) => {
    t.equal(isCodeClosed(anEnrolment('a', part)), is)
  })
}
