import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { alertEvents, problems } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { lostMachine } from '@joinery/testing/pairing/way-back'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/way-back.md'), 'utf8')

t.test('the commands of the page bring a machine back', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing, 'worker-7')
  await lost.ask()
  for (const command of readmeCommands(page, 'way back')) {
    const words = ['--socket', pairing.config.operators.socket, ...command.split(' ').slice(1)]
    const { exitCode, err } = await runWith(words, { ask: async () => 'y' })
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  await lost.comeBack(await lost.renew(await lost.claim()))
  t.equal((await pairing.operator.show('worker-7')).state, 'ready')
})

t.test('each answer and each alert that the page names is one of the server', async (t) => {
  const [, refused = ''] = page.split('\n## What is refused\n')
  const cells = refused.split('\n').map((row) => row.split(' | '))
  const codesOf = (column: number): string[] =>
    cells.flatMap((row) => /^`([a-z-]+)`/.exec(row[column] ?? '')?.[1] ?? [])
  const [answers, alerts] = [codesOf(1), codesOf(3)]
  t.ok(answers.length > 5 && alerts.length > 5)
  for (const code of answers) t.ok(Object.hasOwn(problems, code), code)
  for (const event of alerts) t.ok((alertEvents as readonly string[]).includes(event), event)
})
