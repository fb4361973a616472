import type { Check } from '@joinery/protocol'
import t from 'tap'
import { type Fix, toMend } from '../../src/preflight/to-mend.ts'

const checks: Check[] = [
  { name: 'kernel-modules', verdict: 'pass', finding: '' },
  { name: 'swap', verdict: 'fail', finding: '', mends: 'safe' },
  { name: 'sysctls', verdict: 'warn', finding: '', mends: 'safe' },
  { name: 'time-service', verdict: 'warn', finding: '', mends: 'safe', ignored: true },
  { name: 'container-runtime', verdict: 'fail', finding: '', mends: 'runtime' },
  { name: 'firewall', verdict: 'fail', finding: '' }
]

const table: [Fix, names: string[], level: string][] = [
  ['safe', ['swap', 'sysctls'], 'safe'],
  [['container-runtime'], ['container-runtime'], 'runtime'],
  [['sysctls', 'swap'], ['swap', 'sysctls'], 'runtime'],
  [['kernel-modules', 'time-service', 'firewall'], [], 'runtime'],
  [[], [], 'runtime']
]

for (const [fix, names, level] of table) {
  t.test(`--fix${fix === 'safe' ? '' : `=${fix.join(',')}`} mends ${names.join(' and ') || 'nothing'}`, async (t) => {
    const plan = toMend(checks, fix)
    t.same(
      plan.checks.map(({ name }) => name),
      names
    )
    t.equal(plan.level, level)
  })
}
