import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { releaseProblems } from '@joinery/cli/testing/release'
import { kubernetesMinors, skew } from '@joinery/protocol'
import { serverProgram } from '@joinery/server/testing/commands'
import { runWith } from '@joinery/testing/command/operators'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { pins } from '../versions/pins.ts'
import { root } from './pages.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const page = read('docs/how-to/upgrade.md')
const commands = (name: string): string[] => readmeCommands(page, name)

t.test('the commands for an operator run as the page has them', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  for (const command of [...commands('laptop'), ...commands('agents')]) {
    const { exitCode, out, err } = await runWith([
      '--socket',
      pairing.config.operators.socket,
      ...command.split(' ').slice(1)
    ])
    t.equal(exitCode, 0, `${command}\n${err}`)
    t.match(out, /Command:|AGENT/, command)
  }
})

t.test('every other command of the page is one that there is', async (t) => {
  const known = serverProgram((code) => {
    throw new Error(`not run: ${code}`)
  }).commands.map((one) => one.name())
  for (const command of ['server', 'laptop', 'machine', 'agents', 'verify'].flatMap(commands)) {
    const [program = '', verb = ''] = command.split(' ')
    if (program === 'joinery-server') t.ok(known.includes(verb), command)
    else if (program === 'joinery') t.match(await runWith([verb, '--help']), { exitCode: 0 }, command)
    else t.match(command, /^(apt-get update && apt-get install --only-upgrade( joinery(-server|-agent)?)+|sed -i .*)$/)
  }
})

t.test('the server is upgraded before setup, and setup is by the new version', async (t) => {
  const order = commands('server').map((command) => command.split(' ').slice(0, 2).join(' '))
  t.ok(order.indexOf('joinery-server backup') < order.indexOf('apt-get update'))
  t.ok(order.indexOf('apt-get update') < order.indexOf('joinery-server setup'))
})

t.test('the page promises what the programs judge by', async (t) => {
  t.match(page, `| \`joinery\` | 0.${5 - skew.command} to 0.${5 + skew.command}: `)
  t.match(page, `| \`joinery-agent\` | from 0.${5 - skew.agent} on: `)
  const tested = `1.${kubernetesMinors.oldest} to 1.${kubernetesMinors.newest}`
  t.match(page, `| Kubernetes | ${tested}, `)
  for (const file of ['README.md', 'docs/how-to/install.md'])
    t.match(read(file).replace(/\s+/g, ' '), `Kubernetes ${tested}`, file)
  const minors = pins.map(({ minor }) => minor)
  t.equal(minors[0], kubernetesMinors.oldest, 'the oldest that the suites play')
  t.ok(minors.includes(kubernetesMinors.newest), 'the newest, beside the coming one')
})

t.test('each reason for which a program is refused is explained', async (t) => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| /gm)].map(([, code]) => code)
  for (const code of [...releaseProblems, 'setup-missing', 'setup-outdated']) t.ok(rows.includes(code), code)
})
