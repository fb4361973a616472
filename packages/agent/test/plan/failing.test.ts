import t from 'tap'
import { failing } from '../../src/plan/failing.ts'

const [second, minute, hour] = [1000, 60_000, 3_600_000]

const texts: [number, number, string][] = [
  [0, 1.2 * second, 'refused; next try in 2 s'],
  [0.1 * second, 75 * second, 'refused; failing for 1 s; next try in 75 s'],
  [119 * second, 31 * second, 'refused; failing for 119 s; next try in 31 s'],
  [2 * minute, 5.1 * minute, 'refused; failing for 2 min; next try in 5 min'],
  [119.9 * minute, second, 'refused; failing for 119 min; next try in 1 s'],
  [2 * hour, second, 'refused; failing for 2 h; next try in 1 s'],
  [1000 * hour, second, 'refused; failing for 1000 h; next try in 1 s']
]

for (const [lasted, pause, text] of texts) {
  t.test(text, async (t) => {
    t.equal(failing('refused', lasted, pause), text)
  })
}
