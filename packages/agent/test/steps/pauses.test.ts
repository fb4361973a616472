import t from 'tap'
import { attemptPause, pauseAfter } from '../../src/steps/pauses.ts'

const cases: [...Parameters<typeof attemptPause>, number][] = [
  ['transient', 1, 0, 2_000],
  ['transient', 1, 1, 4_000],
  ['credential', 1, 0.5, 3_000],
  ['transient', 3, 1, 16_000],
  ['transient', 30, 1, 60_000],
  ['machine', 1, 0, 15_000],
  ['cluster', 1, 1, 30_000],
  ['machine', 2, 1, 60_000],
  ['machine', 30, 0, 150_000],
  ['machine', 0, 1, 30_000]
]
for (const [whose, failures, random, pause] of cases) {
  t.test(`after ${failures} failures of class ${whose}, with chance ${random}, the pause is ${pause} ms`, async (t) => {
    t.equal(attemptPause(whose, failures, random), pause)
  })
}

t.test('looks at a join take at most a tenth of the time, until they are five seconds apart', async (t) => {
  for (const [looked, pause] of [
    [0, 500],
    [10, 500],
    [56, 504],
    [200, 1800],
    [1000, 5000],
    [60_000, 5000]
  ] as const) {
    t.equal(pauseAfter(looked), pause, `${looked} ms`)
  }
})
