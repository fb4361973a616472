import { lifetimes as defaults, type Lifetimes, type State, states } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideExpiry as decide } from '../../../../src/core/enrolment/verbs/expire.ts'
import { decideLapse } from '../../../../src/core/enrolment/verbs/outcome.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const lifetimes: Lifetimes = defaults
const decideExpiry = (enrolment: EnrolmentDocument, now: Date) => decide(enrolment, now, lifetimes)

const since = new Date('2026-01-01T00:00:00.000Z')
const later = (milliseconds: number): Date => new Date(since.getTime() + milliseconds)

for (const [state, lifetime = 0] of Object.entries(lifetimes) as [State, number][]) {
  t.test(`${state} ends at its time to the millisecond`, async (t) => {
    const enrolment = anEnrolment('e', { state, since: since.toISOString() })
    t.equal(decideExpiry(enrolment, later(lifetime - 1)), undefined, 'a millisecond before')
    for (const time of [lifetime, lifetime + 1]) {
      t.match(
        decideExpiry(enrolment, later(time)),
        {
          // a machine on the way back has its Node as before
          enrolment: { state: state === 'recovering' ? 'joined' : 'expired' },
          entries: [{ actor: 'server', event: 'expire', alert: false }]
        },
        `after ${time} ms`
      )
    }
  })
}

t.test('a state without a lifetime never expires', async (t) => {
  for (const state of states.filter((one) => lifetimes[one] === undefined && one !== 'joining')) {
    const enrolment = anEnrolment('e', { state, since: since.toISOString() })
    t.equal(decideExpiry(enrolment, later(1e12)), undefined, state)
  }
})

const attempt: AttemptDocument = {
  number: 1,
  claimed: since.toISOString(),
  deadline: later(600_000).toISOString(),
  refusedCsrs: []
}
for (const [lastAttempt, state, event, alert] of [
  [3, 'approved', 'fail', false],
  [1, 'failed', 'give-up', true]
] as const) {
  t.test(`an attempt lapses at its deadline to the millisecond, and the enrolment is ${state}`, async (t) => {
    const enrolment = anEnrolment('e', { state: 'joining', join: { lastAttempt, attempts: [attempt] } })
    for (const ends of [decideLapse, decideExpiry]) {
      t.equal(ends(enrolment, later(599_999)), undefined, `${ends.name}: a millisecond before`)
      for (const time of [600_000, 600_001]) {
        t.match(
          ends(enrolment, later(time)),
          {
            enrolment: { state, join: { attempts: [{ failedBy: 'server', failure: /^no Node until the deadline/ }] } },
            entries: [{ actor: 'server', event, alert }]
          },
          `${ends.name}: after ${time} ms`
        )
      }
    }
  })
}

t.test('an attempt lapses only while it is open', async (t) => {
  for (const state of states.filter((one) => one !== 'joining')) {
    const enrolment = anEnrolment('e', { state, join: { attempts: [attempt] } })
    t.equal(decideLapse(enrolment, later(1e12)), undefined, state)
  }
})
