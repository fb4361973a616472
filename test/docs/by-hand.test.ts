import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/by-hand.md'), 'utf8')

t.test("the page's commands for a machine without an agent work with a real server", async (t) => {
  const { config } = await openPairing(t)
  for (const command of readmeCommands(page, 'join command')) {
    const { exitCode, out, err } = await runWith(['--socket', config.operators.socket, ...command.split(' ').slice(1)])
    t.equal(exitCode, 0, `${command}\n${err}`)
    t.match(
      out,
      command.endsWith('json') ? /"token": "/ : /^kubeadm join 172.30.0.1:6443 --token \S+ .*--node-name worker-7$/m,
      command
    )
  }
})
