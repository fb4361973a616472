import t from 'tap'
import { partsToPlay, type Results, tableOf } from './results.ts'

const results: Results = {
  pods: { commit: 'abc', passed: true, minutes: 12.34 },
  why: { commit: 'abc', passed: false, minutes: 3 },
  fleet: { commit: 'old', passed: true, minutes: 5 },
  upgrade: { passed: true, minutes: 4 }
}
const parts = ['fleet', 'mutants', 'pods', 'upgrade', 'why']

t.test('what has not passed at this commit is played, or what is named', async (t) => {
  t.same(partsToPlay(parts, [], results, 'abc'), ['fleet', 'mutants', 'upgrade', 'why'])
  t.same(partsToPlay(parts, ['pods', 'why'], results, 'abc'), ['pods', 'why'])
  t.same(partsToPlay(parts, [], results, undefined), parts, 'changes are proven by no earlier run')
})

t.test('the table has every part', async (t) => {
  t.same(tableOf(parts, results, 'abc').split('\n'), [
    'suite    minutes  result',
    'fleet        5.0  passed (old)',
    'mutants        -  not played',
    'pods        12.3  passed',
    'upgrade      4.0  passed (changes that no commit has)',
    'why          3.0  FAILED'
  ])
})
