import { TestClock } from '@joinery/testing/clocks/test-clock'
import t from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import type { Change } from '../../../src/core/ports/store/change.ts'
import { Reads } from '../../../src/features/audit/reads.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

const open = (readers = 100) => {
  const leaves: { by?: string }[] = []
  const clock = new TestClock()
  const world = {
    leaves,
    clock,
    fails: false,
    reads: new Reads({
      commits: commitsTo({
        commit: async ({ leaves: texts = [] }: Change) => {
          if (world.fails) throw new Error('full')
          leaves.push(...texts.map((text) => JSON.parse(text)))
          return 'committed'
        }
      }),
      clock,
      log: makeLog({ write: () => {} }),
      budget: { readers }
    })
  }
  return world
}

t.test('each reader has a leaf an hour, however often they read', async (t) => {
  const { reads, leaves, clock } = open()
  for (let read = 0; read < 50; read += 1) for (const by of ['alice (uid 1)', undefined]) reads.note(by)
  t.match(leaves, [{ event: 'read', actor: 'operator', by: 'alice (uid 1)' }, { event: 'read' }])
  t.equal(leaves.length, 2)
  clock.advance(3600_000)
  reads.note('alice (uid 1)')
  t.equal(leaves.length, 3)
})

t.test('names that a caller makes up cause no more leaves than the budget', async (t) => {
  const { reads, leaves } = open(10)
  for (let name = 0; name < 1_000; name += 1) reads.note(`name-${name} (uid 1)`)
  t.equal(leaves.length, 12)
})

t.test('a read whose leaf could not be written has one at the next read', async (t) => {
  const world = open()
  world.fails = true
  world.reads.note('alice (uid 1)')
  await new Promise(setImmediate)
  world.fails = false
  world.reads.note('alice (uid 1)')
  t.equal(world.leaves.length, 1)
})
