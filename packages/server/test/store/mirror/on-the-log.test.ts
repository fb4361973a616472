import { randomBytes, randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { budgets } from '../../../src/base/budgets.ts'
import { makeLog } from '../../../src/base/log.ts'
import { systemLogClock } from '../../../src/log/log-clock.ts'
import { logKeys } from '../../../src/log/log-keys.ts'
import { takeOver } from '../../../src/log/take-over.ts'
import { FakeLogObjects } from '../../../src/testing/fake-log-objects.ts'
import { carryOut } from './histories.ts'
import { dump, newFile, opened } from './mirror-fixture.ts'

/** A server on this file, after it has taken over the log in the cluster. */
const server = async (t: Test, objects: FakeLogObjects, file: string) => {
  const mirror = opened(t, file)
  const deposed: string[] = []
  const taken = await takeOver({
    objects: objects.client(() => ({ is: 'answered' })),
    keys: [logKeys(Buffer.alloc(32, 7))],
    known: mirror.known(),
    holder: 'server',
    clock: systemLogClock,
    random: { bytes: (count) => randomBytes(count), id: () => randomUUID() },
    log: makeLog({ write: () => undefined }),
    budget: budgets.clusterLog,
    mayGoOn: () => true,
    deposed: (reason) => void deposed.push(reason)
  })
  t.teardown(() => taken.close())
  const ended = (error: Error) => void t.fail(`the process ended: ${error.message}`)
  const store = mirror.store(taken, { ended, monotonic: () => performance.now() })
  t.teardown(() => store.close())
  return { store, deposed }
}

t.test(
  'servers that take over the log in the cluster, one after the other, have all that was acknowledged',
  async (t) => {
    const objects = new FakeLogObjects(systemLogClock)
    const files = [await newFile(t), await newFile(t)] as const
    let committed = 0
    // nobody is asked to end: who takes over deposes the one before, whatever is still under way there
    for (const [turn, file] of [files[0], files[1], files[0]].entries()) {
      const { store } = await server(t, objects, file)
      committed += await carryOut(store, 7 + turn, 60)
      store.close()
      await store.closed
    }
    t.ok(committed > 60)
    const [mine, fresh] = [files[0], await newFile(t)]
    for (const file of [mine, fresh]) {
      const { store } = await server(t, objects, file)
      store.close()
      await store.closed
    }
    // each take-over is a batch of its own
    const { log: _, ...others } = dump(mine)
    const { log: __, ...same } = dump(fresh)
    t.strictSame(same, others)
  }
)
