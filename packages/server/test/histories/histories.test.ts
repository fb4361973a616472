import t from 'tap'
import { modeOf } from './modes.ts'
import { play } from './play.ts'
import { addTo, nothingPlayed, wordsOf } from './tally.ts'
import { stateFolders } from './world/state-folder.ts'

// for a busy machine
t.setTimeout(480_000)

const { folder, remove } = await stateFolders()
t.teardown(remove)

/**
 * As many as a run of all tests has the time for, of each mode. `pnpm test:histories` plays more of them. In 26 a restore takes
 * away what codes were revoked by, and a server without memory of the log takes over: that is rare.
 */
const seeds = [1, 2, 3, 4, 5, 6, 26]

const traces = new Map<number, string>()

t.test(`no history of ${seeds.length} loses, doubles or invents anything`, async (t) => {
  let all = nothingPlayed
  for (const seed of seeds) {
    const { complaints, counts, trace } = await play(seed, folder)
    t.same(complaints, [], `seed ${seed} (${modeOf(seed)}): pnpm test:histories --seed ${seed} --count 1`)
    all = addTo(all, counts)
    traces.set(seed, trace)
  }
  t.comment(wordsOf(all))
  t.ok(all.acknowledged > 20 * seeds.length, `${all.acknowledged} commits were acknowledged`)
  t.ok(all.takeOvers > 6 * seeds.length, `${all.takeOvers} servers took over`)
  t.ok(all.reads > 0 && all.restores > 0 && all.hands > 0, 'each mode was tried')
})

t.test('the same seed is the same history, and another one is another', async (t) => {
  t.equal((await play(2, folder)).trace, traces.get(2))
  t.equal(new Set(traces.values()).size, seeds.length)
})
