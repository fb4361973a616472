import t from 'tap'
import { planWave, type WaveRule } from '../../src/waves/plan-wave.ts'

const rule: WaveRule = { wave: { percent: 10 }, canary: { count: 1 }, stopOn: 2 }

t.test('the next wave follows from the rule and what has become of the others', async (t) => {
  for (const [what, part, total, begun, failed, plan] of [
    ['the canary first', {}, 50, 0, 0, { take: 1 }],
    ['then a tenth at a time', {}, 50, 1, 0, { take: 5 }],
    ['a part of a machine is a machine', {}, 51, 1, 0, { take: 6 }],
    ['never more than are left', {}, 50, 48, 0, { take: 2 }],
    ['at least one', {}, 3, 1, 0, { take: 1 }],
    ['one failure of two', {}, 50, 6, 1, { take: 5 }],
    ['the second failure', {}, 50, 6, 2, 'stop'],
    ['more failures than that', {}, 50, 6, 5, 'stop'],
    ['a failure in the last wave', {}, 50, 50, 5, 'done'],
    ['nobody is selected', {}, 0, 0, 0, 'done'],
    ['without canaries', { canary: undefined }, 50, 0, 0, { take: 5 }],
    ['canaries by share', { canary: { percent: 4 } }, 50, 0, 0, { take: 2 }],
    ['more canaries than machines', { canary: { count: 9 } }, 3, 0, 0, { take: 3 }],
    ['a number at a time', { wave: { count: 7 } }, 50, 1, 0, { take: 7 }],
    ['all the others at once', { wave: { percent: 100 } }, 50, 1, 0, { take: 49 }],
    ['a canary that fails', { stopOn: 1 }, 50, 1, 1, 'stop']
  ] as const) {
    t.same(planWave({ ...rule, ...part } as WaveRule, { total, begun, failed }), plan, what)
  }
})

t.test('waves end for every rule, and each machine is in one of them', async (t) => {
  for (const total of [1, 2, 9, 10, 11, 999]) {
    for (const wave of [{ percent: 1 }, { percent: 33 }, { count: 4 }]) {
      let [begun, waves] = [0, 0]
      for (;;) {
        const plan = planWave({ wave, stopOn: 1 }, { total, begun, failed: 0 })
        if (typeof plan === 'string') break
        begun += plan.take
        waves += 1
      }
      t.equal(begun, total)
      t.ok(waves <= 100 || 'count' in wave)
    }
  }
})
