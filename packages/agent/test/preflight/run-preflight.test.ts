import { type Check, PreflightReport } from '@joinery/protocol'
import t from 'tap'
import { Value } from 'typebox/value'
import { runPreflight } from '../../src/preflight/run-preflight.ts'

const swap: Check = { name: 'swap', verdict: 'fail', finding: 'swap is on', mends: 'safe' }
const firewall: Check = { name: 'firewall', verdict: 'fail', finding: 'drops all' }
const mtu: Check = { name: 'mtu', verdict: 'warn', finding: 'odd' }
const well = (name: string): Check => ({ name, verdict: 'pass', finding: '' })

/** A machine on which swap is on until it is mended. */
const machine = (...others: Check[]) => {
  const acts: string[] = []
  let on = true
  return {
    acts,
    preflight: async () => {
      acts.push('preflight')
      return [on ? swap : well('swap'), ...others]
    },
    mend: async (checks: readonly Check[]) => {
      acts.push(`mend ${checks.map(({ name }) => name).join(' ')}`)
      on = false
      return ['turned swap off']
    }
  }
}
const input = { role: 'worker', ignore: [] } as const

t.test('without --fix nothing is changed', async (t) => {
  const on = machine(mtu)
  const report = await runPreflight(on, input)
  t.same(report, { version: 1, result: 'fail', checks: [swap, mtu] })
  t.same(on.acts, ['preflight'])
  t.ok(Value.Check(PreflightReport, report))
})

t.test('with --fix the machine is checked again, and each change is shown', async (t) => {
  const on = machine(mtu)
  const report = await runPreflight(on, input, 'safe')
  t.same(report, {
    version: 1,
    result: 'warn',
    checks: [well('swap'), mtu],
    changes: [{ check: 'swap', what: 'turned swap off' }]
  })
  t.same(on.acts, ['preflight', 'mend swap', 'preflight'])
  t.ok(Value.Check(PreflightReport, report))
})

t.test('where nothing may be mended nothing is, and once is enough to look', async (t) => {
  const on = machine(firewall)
  t.same(await runPreflight(on, input, ['firewall']), {
    version: 1,
    result: 'fail',
    checks: [swap, firewall],
    changes: []
  })
  t.same(on.acts, ['preflight'])
})

t.test('the result is the worst verdict, and what was skipped or ignored is none', async (t) => {
  const table: [Check[], string][] = [
    [[well('a')], 'pass'],
    [[], 'pass'],
    [[well('a'), { name: 'b', verdict: 'skipped', finding: '' }], 'pass'],
    [[well('a'), { ...mtu, ignored: true }], 'warn'],
    [[mtu, firewall], 'fail']
  ]
  for (const [checks, result] of table) {
    t.match(await runPreflight({ preflight: async () => checks, mend: async () => [] }, input), { result })
  }
})
