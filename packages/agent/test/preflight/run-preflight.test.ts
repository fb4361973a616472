import { type Check, PreflightReport, type Remediation } from '@joinery/protocol'
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
    looking: {
      preflight: async () => {
        acts.push('preflight')
        return [on ? swap : well('swap'), ...others]
      }
    },
    mending: {
      mend: async (checks: readonly Check[], level: Remediation) => {
        if (checks.length === 0) return { changes: [] }
        acts.push(`mend ${checks.map(({ name }) => name).join(' ')} at level ${level}`)
        on = false
        return { changes: [{ check: 'swap', what: 'turned off /dev/vda2', before: 'on', after: 'off' }] }
      }
    }
  }
}
const input = { role: 'worker', ignore: [] } as const

t.test('preflight without --fix changes nothing', async (t) => {
  const on = machine(mtu)
  const report = await runPreflight(on, input)
  t.same(report, { version: 1, result: 'fail', checks: [swap, mtu] })
  t.same(on.acts, ['preflight'])
  t.ok(Value.Check(PreflightReport, report))
})

t.test('preflight --fix checks the machine again, and shows each change', async (t) => {
  const on = machine(mtu)
  const report = await runPreflight(on, input, 'safe')
  t.same(report, {
    version: 1,
    result: 'warn',
    checks: [well('swap'), mtu],
    changes: [{ check: 'swap', what: 'turned off /dev/vda2', before: 'on', after: 'off' }]
  })
  t.same(on.acts, ['preflight', 'mend swap at level safe', 'preflight'])
  t.ok(Value.Check(PreflightReport, report))
})

t.test('preflight --fix changes nothing and looks once if nothing may be mended', async (t) => {
  const on = machine(firewall)
  t.same(await runPreflight(on, input, ['firewall']), {
    version: 1,
    result: 'fail',
    checks: [swap, firewall],
    changes: []
  })
  t.same(on.acts, ['preflight'])
})

t.test('preflight --fix fails and names the package manager that is at work', async (t) => {
  const busy = { ...machine(mtu), mending: { mend: async () => ({ changes: [], waits: 'apt is at work' }) } }
  await t.rejects(runPreflight(busy, input, 'safe'), { message: /apt is at work/ })
})

t.test('the result is the worst verdict, and a skipped or ignored check does not fail it', async (t) => {
  const table: [Check[], string][] = [
    [[well('a')], 'pass'],
    [[], 'pass'],
    [[well('a'), { name: 'b', verdict: 'skipped', finding: '' }], 'pass'],
    [[well('a'), { ...mtu, ignored: true }], 'warn'],
    [[mtu, firewall], 'fail']
  ]
  for (const [checks, result] of table) {
    const machine = { looking: { preflight: async () => checks }, mending: { mend: async () => ({ changes: [] }) } }
    t.match(await runPreflight(machine, input), { result }, JSON.stringify(checks))
  }
})
