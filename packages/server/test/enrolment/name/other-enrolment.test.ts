import { type State, states } from '@joinery/protocol'
import t from 'tap'
import { anEnrolment } from '../../../../../test/contract/store-contract.ts'
import { otherEnrolment, otherHolder } from '../../../src/enrolment/name/other-enrolment.ts'

const own = anEnrolment('own')
const attempts = [{ number: 1, claimed: '', deadline: '', refusedCsrs: [] }]

/** Of another enrolment in this state: it refuses the name, it is shown, or it is neither. `after`: if it had claimed. */
const table: Record<State, { before: 'refuses' | 'shown' | 'neither'; after?: 'refuses' }> = {
  pending: { before: 'shown' },
  approved: { before: 'refuses' },
  joining: { before: 'refuses' },
  joined: { before: 'refuses' },
  ready: { before: 'refuses' },
  frozen: { before: 'shown', after: 'refuses' },
  failed: { before: 'neither' },
  expired: { before: 'neither' },
  rejected: { before: 'neither' },
  removed: { before: 'neither' }
}

for (const state of states) {
  const { before, after = before } = table[state]
  t.test(`another enrolment of the name that is ${state}: ${before}, after a claim ${after}`, async (t) => {
    for (const [expected, part] of [
      [before, {}],
      [after, { attempts }]
    ] as const) {
      const named = [own, anEnrolment('other', { state, ...part })]
      const words = `enrolment other (${state})`
      t.equal(otherHolder(own, named), expected === 'refuses' ? words : undefined)
      t.equal(otherEnrolment(own, named), expected === 'neither' ? undefined : words)
    }
  })
}

t.test('one that has the name is named before one that waits for it; nobody is in its own way', async (t) => {
  const named = [anEnrolment('waits'), own, anEnrolment('has', { state: 'ready' })]
  t.equal(otherEnrolment(own, named), 'enrolment has (ready)')
  t.equal(otherHolder(own, [{ ...own, state: 'ready' }]), undefined)
})
