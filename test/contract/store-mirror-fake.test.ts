import { randomBytes, randomUUID } from 'node:crypto'
import { budgets, makeLog } from '@joinery/server/testing/base'
import { FakeLogObjects, logKeys, systemLogClock, takeOver } from '@joinery/server/testing/log'
import { openMirror } from '@joinery/server/testing/store'
import t from 'tap'
import { storeContract } from './store-contract.ts'

storeContract(t, 'a copy of the fake log', async (t) => {
  const objects = new FakeLogObjects(systemLogClock)
  const mirror = openMirror(':memory:')
  const taken = await takeOver({
    objects: objects.client(() => ({ is: 'answered' })),
    keys: [logKeys(Buffer.alloc(32, 7))],
    known: mirror.known(),
    holder: 'me',
    clock: systemLogClock,
    random: { bytes: (count: number) => randomBytes(count), id: () => randomUUID() } as never,
    log: makeLog({ write: () => undefined }),
    budget: budgets.clusterLog,
    mayGoOn: () => true,
    deposed: (reason: string) => t.fail(reason)
  })
  const store = mirror.store(taken, {
    ended: (error) => void t.fail(error.message),
    monotonic: () => performance.now()
  })
  t.teardown(async () => {
    store.close()
    await taken.close()
  })
  return store
})
