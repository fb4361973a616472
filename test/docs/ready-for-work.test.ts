import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatesAtMost, readGate, startupTaint } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
import { waitingForGates } from '@joinery/testing/pairing/gated'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/ready-for-work.md'), 'utf8')

t.test('the commands of the page make codes with gates', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const gates: string[] = []
  for (const command of readmeCommands(page, 'gates')) {
    const words = command.split(' ').slice(1)
    const { exitCode, err } = await runWith(['--socket', pairing.config.operators.socket, ...words])
    t.equal(exitCode, 0, `${command}\n${err}`)
    gates.push(...words.filter((_, index) => words[index - 1] === '--ready-when'))
  }
  const kinds = gates.map((gate) => readGate(gate)?.kind)
  t.same(kinds, ['condition', 'daemonset', 'pod'], 'one of each kind')
  t.same((await pairing.operator.listCodes()).items.flatMap(({ readyWhen = [] }) => readyWhen).sort(), gates.sort())
})

t.test('the page says what the server does and shows', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waitingForGates(pairing, 'worker-2', ['daemonset:kube-system/cilium'])
  pairing.cluster.runDaemon({ namespace: 'kube-system', name: 'cilium' }, 'worker-2', false)
  pairing.clock.advance(60_000)
  await pairing.reconcile()
  const { message, timeline } = await pairing.operator.show('worker-2')
  t.ok(page.includes(message), message)
  for (const event of ['not-in-service', 'in-service', 'taint-put-back', 'diagnosis-off']) {
    t.ok(page.includes(`\`${event}\``), event)
  }
  t.ok(timeline.some(({ event }) => event === 'not-in-service'))
  t.ok(page.includes(`${startupTaint.key}:${startupTaint.effect}`))
  t.match(page, /A code has at most eight\./)
  t.equal(gatesAtMost, 8)
})
