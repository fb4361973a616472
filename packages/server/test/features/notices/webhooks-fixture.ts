import { noticeKinds, type TimelineEntry } from '@joinery/protocol'
import { TestClock } from '@joinery/testing/clocks/test-clock'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import type { Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { budgets } from '../../../src/core/base/budgets.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { systemRandom } from '../../../src/core/base/random.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import { Deliveries } from '../../../src/features/notices/deliveries.ts'
import { EntryReader } from '../../../src/features/notices/entry-reader.ts'
import { makeNotices } from '../../../src/features/notices/make-notices.ts'
import type { Receiver } from '../../../src/features/notices/receiver.ts'
import type { Answered, Outgoing } from '../../../src/features/notices/send.ts'
import { Webhooks } from '../../../src/features/notices/webhooks.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

/** A request as the receiver got it. */
export interface Got {
  id: string
  type: string
  data: Record<string, unknown>
}

export const relay: Receiver = {
  name: 'relay',
  url: new URL('https://relay.example/secret-path'),
  secrets: [Buffer.alloc(32)],
  kinds: new Set(noticeKinds),
  onlyHere: false
}

/** A store, a receiver that answers as the test says, and the parts that bring notices from the one to the other. */
export const openNotices = async (t: Test, { waiting = budgets.notices.waiting, kept = budgets.notices.kept } = {}) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const clock = new TestClock()
  const got: Got[] = []
  const lines: string[] = []
  const world = {
    store,
    clock,
    got,
    /** Answer of the receiver. The world goes on while it thinks. */
    answer: async (_: Outgoing, __: AbortSignal): Promise<Answered> => ({ status: 204 }),
    get log() {
      return lines.join('')
    },
    /** A server on this store, as far as notices need one. */
    server: (over: Partial<WritableStore> = {}, receiver: Receiver = relay) => {
      const parts = {
        store: { ...store, ...over },
        queue: over.notices ?? store.notices,
        commits: commitsTo({ ...store, ...over }),
        clock,
        random: systemRandom,
        log: makeLog({ write: (line) => void lines.push(line) }),
        budget: { ...budgets.notices, waiting, kept, gather: 1, again: 1 },
        receivers: [receiver],
        send: async (outgoing: Outgoing, signal: AbortSignal): Promise<Answered> => {
          const { type, data } = JSON.parse(String(outgoing.body))
          got.push({ id: outgoing.headers['webhook-id'] ?? '', type, data })
          return world.answer(outgoing, signal)
        }
      }
      const [entries, take] = [new EntryReader(receiver.name, parts), makeNotices(parts, receiver)]
      const deliveries = new Deliveries(parts)
      const { signal } = new AbortController()
      const read = async (): Promise<void> => {
        while ((await entries.readOn(take)) === 'more');
      }
      return {
        webhooks: new Webhooks(parts),
        /** Reads the timelines to their end. */
        read,
        /** Tries what is due now, and nothing that becomes due meanwhile. */
        tryOnce: () => deliveries.tryNext(receiver, signal),
        /** Reads, and tries until nothing is due. */
        settle: async () => {
          await read()
          while ((await deliveries.tryNext(receiver, signal)) === 0);
        }
      }
    },
    /** Writes that something happened to an enrolment of this id. */
    happens: async (id: string, event = 'enrol', more: Partial<TimelineEntry> = {}) => {
      const enrolment = (await store.enrolment(id)) ?? anEnrolment(id)
      const entry = { at: clock.now().toISOString(), actor: 'agent', event, detail: '', alert: false, ...more }
      const result = await store.commit({ enrolments: [enrolment], entries: [{ subject: id, entry }] })
      if (result !== 'committed') throw new Error(result)
    }
  }
  // a new receiver begins with what happens from now on
  await world.server().settle()
  return world
}
