import { randomBytes, randomUUID } from 'node:crypto'
import { budgets, makeLog } from '@joinery/server/testing/base'
import { logKeys, systemLogClock, takeOver } from '@joinery/server/testing/log'
import { type MirrorStore, markDocument, openMirror } from '@joinery/server/testing/store'
import type { Test } from 'tap'
import { FakeLogObjects } from '../log/fake-log-objects.ts'

/** A store of `store: cluster` in memory, on a fake log that always answers. The test fails if the server would have to end. */
export const storeOnFakeLog = async (t: Test): Promise<MirrorStore> => {
  const objects = new FakeLogObjects(systemLogClock)
  const mirror = openMirror(':memory:')
  const taken = await takeOver({
    objects: objects.client(() => ({ is: 'answered' })),
    keys: [logKeys(Buffer.alloc(32, 7))],
    known: mirror.known(),
    seen: undefined,
    mark: markDocument,
    now: () => new Date(),
    holder: 'me',
    clock: systemLogClock,
    random: { bytes: (count) => randomBytes(count), id: () => randomUUID() },
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
}
