import { setImmediate as turn } from 'node:timers/promises'
import { openMirror } from '@joinery/server/testing/store'
import { memoryLog, type Ways } from '@joinery/testing/log/memory-log'
import t from 'tap'
import { atOnceContract } from './store-contract-at-once.ts'

/** A log to which others come while a batch is under way. */
const slow: Partial<Ways> = { before: async () => void (await turn()) }

// store-mirror-fake.test.ts has the whole contract: by the log a copy differs only in what comes while a batch is under way
for (const [name, ways] of Object.entries({ 'a copy of the log': undefined, 'a copy of a slow log': slow })) {
  atOnceContract(t, name, async (t) => {
    const log = memoryLog()
    Object.assign(log.ways, ways)
    const ended = (error: Error) => void t.fail(`the process ended: ${error.message}`)
    const store = openMirror(':memory:').store(log.taken(), { ended, monotonic: () => 0 })
    t.teardown(() => store.close())
    return store
  })
}
