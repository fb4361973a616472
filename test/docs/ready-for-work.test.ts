import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProblemCode, readGate, startupTaint, type TimelineEvent } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
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

t.test('the page has the taint, the events and the refusal by the names that the server has for them', async (t) => {
  t.ok(page.includes(`${startupTaint.key}:${startupTaint.effect}`))
  const events: TimelineEvent[] = ['not-in-service', 'in-service', 'taint-put-back']
  const refusal: ProblemCode = 'diagnosis-off'
  for (const name of [...events, refusal]) t.ok(page.includes(`\`${name}\``), name)
})
