import { VirtualClock } from '@joinery/testing/clocks/virtual-clock'
import { FakeLogObjects } from '@joinery/testing/log/fake-log-objects'
import t from 'tap'
import { logObjectsContract } from './log-objects-contract.ts'

await logObjectsContract(
  t,
  'the fake',
  async () => {
    const world = new FakeLogObjects(new VirtualClock())
    return { objects: world.client(), others: world.client(), close: async () => undefined }
  },
  { races: 300 }
)
