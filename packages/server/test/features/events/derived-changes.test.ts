import { eventually } from '@joinery/testing/clocks/eventually'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { budgets } from '../../../src/core/base/budgets.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { operatorView } from '../../../src/core/enrolment/views.ts'
import { DerivedChanges } from '../../../src/features/events/derived-changes.ts'

/** Enrolments of a store, looked at by a server whose clock the test moves. */
const open = (t: Test) => {
  const store = sqliteStore(':memory:')
  const stop = new AbortController()
  const alive = setInterval(() => {}, 1_000)
  const lines: string[] = []
  const world = {
    store,
    noted: [] as string[],
    lines,
    trouble: undefined as string | undefined,
    turns: new Map<string, string>(),
    isFollowed: true,
    now: 0,
    fails: false,
    reads: 0,
    turnsOfLoop: 0
  }
  const derived = new DerivedChanges({
    store,
    read: async (id) => {
      world.reads += 1
      if (world.fails) throw new Error('the disk is gone')
      const enrolment = await store.enrolment(id)
      const { trouble, turns } = world
      const surroundings = { nameConflict: undefined, former: undefined, expires: undefined, trouble }
      return enrolment && operatorView(enrolment, { ...surroundings, turn: turns.get(id) })
    },
    trouble: () => world.trouble,
    isFollowed: () => {
      world.turnsOfLoop += 1
      return world.isFollowed
    },
    note: (id) => void world.noted.push(id),
    monotonic: () => world.now,
    log: makeLog({ write: (line) => void lines.push(line) }),
    budget: { ...budgets.events, look: 1 }
  })
  const over = derived.start(stop.signal)
  t.teardown(async () => {
    stop.abort()
    await over
    clearInterval(alive)
    store.close()
  })
  const has = (id: string, part: EnrolmentPart) => store.commit({ enrolments: [anEnrolment(id, part)] })
  return { world, derived, has }
}

t.test('a look finds those that look different though nothing was committed', async (t) => {
  const { world, derived, has } = open(t)
  await has('waits', { state: 'approved', name: 'node-1' })
  await has('ready', { state: 'ready', name: 'node-2' })
  await derived.look()
  t.same(world.noted, [], 'the first look is what they are compared with')
  world.turns.set('waits', '3 machines join before it')
  await derived.look()
  t.same(world.noted, ['waits'])
  await derived.look()
  t.same(world.noted, ['waits'], 'once')
})

t.test('it looks when the cluster goes out of reach, and now and then', async (t) => {
  const { world, derived, has } = open(t)
  await has('waits', { state: 'approved', name: 'node-1' })
  await derived.look()
  world.trouble = 'no answer'
  await eventually('it is told', async () => world.noted.length === 1)
  world.turns.set('waits', 'one machine joins before it')
  world.trouble = undefined
  await eventually('the end as well', async () => world.noted.length === 2)
  world.turns.set('waits', 'no machine joins before it')
  world.now += budgets.events.sweep
  await eventually('and what has no sign', async () => world.noted.length === 3)
})

t.test('of one name, the others are told as well: each shows who else has it', async (t) => {
  const { world, derived, has } = open(t)
  await has('a', { name: 'node-1' })
  await has('b', { name: 'node-1' })
  await has('ended', { name: 'node-1', state: 'removed' })
  await has('alone', { name: 'node-2' })
  const take = (id: string, name: string) =>
    derived.take({ place: 1, change: { enrolments: [anEnrolment(id, { name })] } })
  take('alone', 'node-2')
  take('b', 'node-1')
  await eventually('they are told', async () => world.noted.length > 0)
  t.same(world.noted.sort(), ['a', 'b'])
})

t.test('while nobody follows nothing is read', async (t) => {
  const { world, derived, has } = open(t)
  await has('waits', { state: 'approved', name: 'node-1' })
  world.isFollowed = false
  world.trouble = 'no answer'
  derived.take({ place: 1, change: { enrolments: [anEnrolment('waits')] } })
  const { turnsOfLoop, reads } = world
  await eventually('some turns', async () => world.turnsOfLoop > turnsOfLoop + 3)
  t.equal(world.reads, reads)
})

t.test('a store that fails is logged, and the looks go on', async (t) => {
  const { world, has } = open(t)
  await has('waits', { state: 'approved', name: 'node-1' })
  await eventually('a first look', async () => world.reads > 0)
  world.fails = true
  world.trouble = 'no answer'
  await eventually('it is logged', async () => world.lines.join('').includes('may miss a change'))
  world.fails = false
  world.now += budgets.events.sweep
  await eventually('it is told', async () => world.noted.includes('waits'))
})
