import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

t.test('the page has a row for each thing that a test sends', async (t) => {
  const rows = page.split('\n').filter((line) => /^\| .* \| .* \| .* \|/.test(line))
  for (const code of [
    'recovery-refused',
    'recovery-not-needed',
    'recovery-not-yet',
    'node-gone',
    'not-found',
    'request-not-approved'
  ]) {
    t.ok(
      rows.some((row) => row.includes(`\`${code}\``)),
      code
    )
  }
})
