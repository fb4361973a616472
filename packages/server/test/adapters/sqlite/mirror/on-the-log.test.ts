import { randomBytes, randomUUID } from 'node:crypto'
import { eventually } from '@joinery/testing/clocks/eventually'
import { aCode } from '@joinery/testing/documents/code'
import { FakeLogObjects } from '@joinery/testing/log/fake-log-objects'
import type { Fate } from '@joinery/testing/log/fate'
import t, { type Test } from 'tap'
import { markDocument } from '../../../../src/adapters/sqlite/mirror/parts.ts'
import { budgets } from '../../../../src/core/base/budgets.ts'
import { makeLog } from '../../../../src/core/base/log.ts'
import { logKeys } from '../../../../src/core/ports/log/log-keys.ts'
import { systemLogClock } from '../../../../src/features/high-availability/log/log-clock.ts'
import { takeOver } from '../../../../src/features/high-availability/log/take-over.ts'
import { memoryOf } from '../../../features/high-availability/log/log-fixture.ts'
import { carryOut } from './histories.ts'
import { dump, newFile, opened } from './mirror-fixture.ts'

/** A server on this file, after it has taken over the log in the cluster. */
const server = async (
  t: Test,
  objects: FakeLogObjects,
  file: string,
  fate: () => Fate = () => ({ is: 'answered' })
) => {
  const mirror = opened(t, file)
  const deposed: string[] = []
  const taken = await takeOver({
    objects: objects.client(fate),
    keys: [logKeys(Buffer.alloc(32, 7))],
    known: mirror.known(),
    seen: memoryOf(objects),
    mark: markDocument,
    now: () => new Date(),
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
  const requireLog = () => {
    const { unavailable } = taken.facts()
    if (unavailable !== undefined) throw new Error(unavailable.why)
  }
  const store = mirror.store(taken, { ended, monotonic: () => performance.now(), requireLog })
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

t.test('a store whose log takes nothing is not ready, until the log takes something again by itself', async (t) => {
  let isAway = false
  const fate = (): Fate => (isAway ? { is: 'refused', why: 'the API server is away' } : { is: 'answered' })
  const { store } = await server(t, new FakeLogObjects(systemLogClock), await newFile(t), fate)
  await t.resolves(store.check())
  isAway = true
  await t.rejects(store.commit({ codes: [aCode('c')] }), { code: 'store-unavailable' })
  await t.rejects(store.check(), { message: /the API server is away/ })
  isAway = false
  await eventually('a store that is ready', () =>
    store.check().then(
      () => true,
      () => undefined
    )
  )
  t.equal(await store.commit({ codes: [aCode('c')] }), 'committed')
})
