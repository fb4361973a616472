import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { AttemptTimes, decideClockSet } from '../../../../src/core/enrolment/verbs/attempt-times.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const at = (minutes: number): Date => new Date(Date.parse('2026-01-01T00:00:00.000Z') + minutes * 60_000)
const attempt: AttemptDocument = {
  number: 1,
  claimed: at(0).toISOString(),
  deadline: at(10).toISOString(),
  expires: at(10).toISOString(),
  refusedCsrs: []
}
const joining = (part: Partial<AttemptDocument> = {}): EnrolmentDocument =>
  anEnrolment('e', { state: 'joining', join: { attempts: [{ ...attempt, ...part }] } })

/** Minutes that are left of what a server sees first when its clock, and the cluster's, show these minutes. */
const first: [what: string, own: number, cluster: number | undefined, part: Partial<AttemptDocument>, left: number][] =
  [
    ['both clocks are right', 4, 4, {}, 6],
    ['its own was set forward', 64, 4, {}, 6],
    ['its own was set back', -56, 4, {}, 6],
    ['it is over by the cluster', 4, 11, {}, -1],
    ['the cluster says more than there was', 4, -56, {}, 10],
    ['the cluster is not known', 4, undefined, {}, 6],
    ['the cluster is not known, and its own was set back', -56, undefined, {}, 10],
    ["the cluster's clock is another one", 4, 64, { expires: at(70).toISOString() }, 6]
  ]
const minutesOf = (left: number | undefined) => left && left / 60_000
const times = (own: number, cluster: number | undefined) => {
  const world = { monotonic: 0, own, cluster }
  const parts = {
    clock: { now: () => at(world.own) },
    monotonic: () => world.monotonic * 60_000,
    clusterNow: () => (world.cluster === undefined ? undefined : at(world.cluster))
  }
  const made = new AttemptTimes(parts)
  return { world, left: (one: EnrolmentDocument) => minutesOf(made.left(one)) }
}
for (const [what, own, cluster, part, expected] of first) {
  t.test(`at first sight ${expected} minutes are left if ${what}`, async (t) => {
    const { left } = times(own, cluster)
    t.equal(left(joining(part)), expected)
  })
}

t.test('an attempt without the cluster’s clock goes by the server’s own clock', async (t) => {
  const { expires: _, ...before } = attempt
  t.equal(times(4, 64).left(anEnrolment('e', { state: 'joining', join: { attempts: [before] } })), 6)
})

t.test('after the first sight only the monotonic clock counts, whoever sets the others', async (t) => {
  const { world, left } = times(0, 0)
  t.equal(left(joining()), 10)
  Object.assign(world, { monotonic: 3, own: 63, cluster: -60 })
  t.equal(left(joining()), 7)
  t.equal(left(joining({ deadline: at(70).toISOString() })), 7, 'also when the deadline was corrected')
  Object.assign(world, { monotonic: 10 })
  t.equal(left(joining()), 0)
})

t.test('the first time of the cluster corrects a rest that was read from the own clock', async (t) => {
  const { world, left } = times(-56, undefined)
  t.equal(left(joining()), 10)
  world.cluster = 4
  t.equal(left(joining()), 6)
})

t.test('another attempt has another time, and without an open attempt no time is left', async (t) => {
  const { world, left } = times(0, 0)
  left(joining())
  world.monotonic = 4
  world.cluster = 4
  const [second] = joining({ number: 2, claimed: at(4).toISOString(), deadline: at(14).toISOString() }).join.attempts
  if (second === undefined) throw new Error('there is one')
  t.equal(
    left(
      anEnrolment('e', {
        state: 'joining',
        join: { attempts: [attempt, { ...second, expires: at(14).toISOString() }] }
      })
    ),
    10
  )
  t.equal(left(anEnrolment('e', { state: 'rejected', join: { attempts: [attempt] } })), undefined)
})

const minutes = (count: number): number => count * 60_000
const set: [what: string, now: Date, left: number | undefined, moved: number | undefined][] = [
  ['nobody set it', at(4), minutes(6), undefined],
  ['nobody set it, and it is over', at(10), 0, undefined],
  ['a time service made it run slower', at(4), minutes(6) - 5000, undefined],
  ['a time service made it run faster', at(4), minutes(6) + 5000, undefined],
  ['it was set forward by a little', at(4), minutes(6) + 5001, 5001],
  ['it was set back by a little', at(4), minutes(6) - 5001, -5001],
  ['it was set forward by an hour', at(64), minutes(6), minutes(60)],
  ['it was set back by an hour', at(-56), minutes(6), -minutes(60)],
  ['no attempt is open', at(4), undefined, undefined]
]
for (const [what, now, left, moved] of set) {
  t.test(`the times of an attempt ${moved === undefined ? 'stay' : 'follow the clock'} if ${what}`, async (t) => {
    const decision = decideClockSet(joining(), left, now)
    if (moved === undefined) return t.equal(decision, undefined)
    const { claimed = '', deadline = '', expires } = decision?.enrolment.join.attempts[0] ?? {}
    t.equal(Date.parse(claimed) - at(0).getTime(), moved)
    t.equal(Date.parse(deadline) - at(10).getTime(), moved)
    t.equal(Date.parse(deadline) - now.getTime(), left)
    t.equal(expires, attempt.expires, "the cluster's clock was not set")
    t.match(decision?.entries, [{ actor: 'server', event: 'clock-set', alert: false }])
    t.equal(decision && decideClockSet(decision.enrolment, left, now), undefined, 'once')
  })
}
