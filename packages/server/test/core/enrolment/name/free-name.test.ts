import t from 'tap'
import { freeName } from '../../../../src/core/enrolment/name/free-name.ts'

const cases: [string[], string][] = [
  [[], 'edge-1'],
  [['edge-1'], 'edge-2'],
  [['edge-2', 'edge-3'], 'edge-1'],
  [['edge-1', 'edge-2', 'edge-4'], 'edge-3'],
  [['edge-01', 'worker-1', 'edge-1.example.org'], 'edge-1']
]
for (const [taken, name] of cases) {
  t.test(`the free name beside ${taken.join(', ') || 'none'} is ${name}`, async (t) =>
    t.equal(freeName('edge-{n}', new Set(taken)), name)
  )
}
