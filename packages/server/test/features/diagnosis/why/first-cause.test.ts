import type { Cause, CauseCode } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'
import { decideFirstCause } from '../../../../src/features/diagnosis/why/first-cause.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const at = (minutes: number): Date => new Date(start + minutes * 60_000)
const cause = (code: CauseCode, text: string = code): Cause => ({
  code,
  from: 'cluster',
  text,
  evidence: [],
  remedy: []
})
const joined = anEnrolment('e1', {
  state: 'joined',
  join: { attempts: [{}] },
  node: { uid: 'n1', condition: 'NotReady' }
})

t.test('the first cause is kept, and the timeline is told', async (t) => {
  const decision = decideFirstCause(joined, 'n1', cause('plugin-image', 'denied'), at(0))
  t.match(decision?.enrolment.diagnosis.cause, { code: 'plugin-image', text: 'denied' })
  t.same(decision?.entries, [
    { at: at(0).toISOString(), actor: 'server', event: 'cause', detail: 'plugin-image: denied', alert: false }
  ])
})

t.test('the same cause again changes nothing, and other words of it are not told', async (t) => {
  const kept = {
    ...joined,
    diagnosis: { ...joined.diagnosis, cause: { code: 'plugin-image', text: 'denied' } as const }
  }
  t.equal(decideFirstCause(kept, 'n1', cause('plugin-image', 'denied'), at(1)), undefined)
  const other = decideFirstCause(kept, 'n1', cause('plugin-image', 'not found'), at(1))
  t.match(other, { enrolment: { diagnosis: { cause: { text: 'not found' } } }, entries: { length: 0 } })
  t.same(other?.entries, [])
})

t.test('a look that finds no cause takes the last one away, and says nothing', async (t) => {
  const kept = {
    ...joined,
    diagnosis: { ...joined.diagnosis, cause: { code: 'plugin-image', text: 'denied' } as const }
  }
  const decision = decideFirstCause(kept, 'n1', undefined, at(1))
  t.notOk(decision?.enrolment.diagnosis.cause)
  t.same(decision?.entries, [])
  t.equal(decideFirstCause(joined, 'n1', undefined, at(1)), undefined)
})

for (const [what, enrolment] of [
  ['a Node that is Ready by now', { ...joined, node: { ...joined.node, condition: 'Ready' } }],
  ['a Node that is gone by now', { ...joined, node: { ...joined.node, condition: 'Gone' } }],
  ['another Node', { ...joined, node: { ...joined.node, uid: 'n2' } }],
  ['an enrolment without a Node', anEnrolment('e1', { state: 'joining', join: { attempts: [{}] } })],
  ['an enrolment that was removed', { ...joined, state: 'removed' }]
] as [string, EnrolmentDocument][]) {
  t.test(`an answer that comes late says nothing about ${what}`, async (t) => {
    t.equal(decideFirstCause(enrolment, 'n1', cause('plugin-image'), at(1)), undefined)
  })
}

t.test('a Node that goes back and forth between two causes has two entries, with their counts', async (t) => {
  let enrolment = joined
  const entries = new Map<string, object>()
  for (let minute = 0; minute < 100; minute += 1) {
    const decision = decideFirstCause(
      enrolment,
      'n1',
      cause(minute % 2 === 0 ? 'runtime-off' : 'kubelet-off'),
      at(minute)
    )
    enrolment = decision?.enrolment ?? enrolment
    // as the store writes them: one of the same time replaces the one before
    for (const entry of decision?.entries ?? []) entries.set(entry.at, entry)
  }
  t.match(
    [...entries.values()],
    [
      { detail: 'runtime-off: runtime-off', count: 50, at: at(0).toISOString(), last: at(98).toISOString() },
      { detail: 'kubelet-off: kubelet-off', count: 50, at: at(1).toISOString(), last: at(99).toISOString() }
    ]
  )
  t.equal(entries.size, 2)
  t.equal(enrolment.diagnosis.told?.length, 2)
  const later = decideFirstCause(enrolment, 'n1', cause('runtime-off'), at(200))
  t.match(later?.entries, [{ at: at(200).toISOString(), count: undefined }], 'what comes much later is told apart')
  t.equal(later?.enrolment.diagnosis.told?.length, 1, 'and the others are forgotten')
})
