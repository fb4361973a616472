import type { Monotonic } from '../../core/base/clock.ts'
import type { Change, Store } from '../../core/ports/store/store.ts'
import type { Followed } from './followed.ts'
import type { Journeys } from './journeys.ts'
import { type Measurement, measureChange } from './measure-change.ts'
import type { Meter } from './meter.ts'

interface Parts {
  meter: Meter
  journeys: Journeys
  followed: Pick<Followed, 'note' | 'forget'>
  monotonic: Monotonic
}

/** The store, whose commits are counted when they are over, with all that they say of machines. */
export const meterCommits = (store: Store, parts: () => Parts): Store => ({
  ...store,
  commit: async (change) => {
    const { meter, monotonic } = parts()
    const begun = monotonic()
    let result: Awaited<ReturnType<Store['commit']>> | 'failed' = 'failed'
    try {
      result = await store.commit(change)
      return result
    } finally {
      meter.count('joinery_commits_total', { result })
      meter.observe('joinery_commit_duration_seconds', {}, (monotonic() - begun) / 1000)
      if (result === 'committed') note(change, parts())
    }
  }
})

const note = (change: Change, { meter, journeys, followed }: Parts): void => {
  const { measurements, marks } = measureChange(change, (id) => journeys.of(id))
  for (const one of measurements) measure(meter, one)
  for (const [id, mark] of marks) mark === undefined ? journeys.forget(id) : journeys.note(id, mark)
  for (const enrolment of change.enrolments ?? []) followed.note(enrolment)
  for (const { id } of change.gone?.enrolments ?? []) {
    journeys.forget(id)
    followed.forget(id)
  }
}

const measure = (meter: Meter, one: Measurement): void => {
  if ('count' in one) meter.count(one.count, one.labels as never)
  else meter.observe(one.observe, one.labels as never, one.seconds)
}
