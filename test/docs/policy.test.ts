import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@joinery/host/config-file'
import { ServerConfig } from '@joinery/server/testing/config'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { pageFile } from './page-files.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/policy.md'), 'utf8')

t.test('the policy of the page is right, and its commands say what it would do', async (t) => {
  const folder = t.testdir({ 'policy.yaml': pageFile(page, 'policy.yaml'), 'rack7.txt': 'SN-1\n' })
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const commands = readmeCommands(page, 'test')
  t.equal(commands.length, 2)
  for (const command of commands) {
    const words = [...command.split(' ').slice(1), '--file', join(folder, 'policy.yaml')]
    const { exitCode, out, err } = await runWith(['--socket', pairing.config.operators.socket, ...words])
    t.equal(exitCode, 0, `${command}\n${err}`)
    // it comes from this host
    t.match(
      out,
      command.endsWith('--all') ? /^worker-1 .* reject .* strangers /m : /^lab .* 10 an hour .* UTC /m,
      command
    )
  }
})

t.test('the server takes the configuration of the page', async (t) => {
  const text = `agents: {address: "https://192.0.2.1:7443"}\n${pageFile(page, 'server.yaml')}`
  t.match(parseConfig(ServerConfig, text), { value: { policy: '/etc/joinery/policy.yaml' } })
})
