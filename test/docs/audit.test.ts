import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '@joinery/host/config-file'
import { ServerConfig } from '@joinery/server/testing/config'
import { runWith } from '@joinery/testing/command/operators'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { pageFile } from './page-files.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/audit.md'), 'utf8')

t.test('the commands of the page show the log, prove a machine, and make a copy that verifies', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  const folder = t.testdir({})
  const type = async (command: string) => {
    const words = command.replaceAll('/tmp', folder).split(' ').slice(1)
    const { exitCode, out, err } = await runWith(['--socket', pairing.config.operators.socket, ...words], {
      now: pairing.clock.now,
      operator: 'alice (uid 1000)'
    })
    t.equal(exitCode, 0, `${command}\n${err}`)
    return out
  }
  const [key = ''] = await Promise.all(readmeCommands(page, 'key').map(type))
  for (const command of readmeCommands(page, 'key of a log')) t.match(await type(command), /^joinery\.dev\/\S+\/2026\+/)
  for (const command of readmeCommands(page, 'look')) t.match(await type(command), 'worker-1', command)
  for (const command of readmeCommands(page, 'prove')) t.match(await type(command), 'become-ready', command)
  for (const command of readmeCommands(page, 'export')) t.match(await type(command), 'leaves', command)
  await writeFile(join(folder, 'audit.pub'), key)
  const kept = join(folder, 'audit/2026/checkpoint')
  for (const [, command = ''] of page.matchAll(/^(joinery audit verify .*)$/gm)) {
    const here = command
      .replaceAll('/tmp', folder)
      .replace('audit.pub', join(folder, 'audit.pub'))
      .replace(/--checkpoint \S+$/, `--checkpoint ${kept}`)
    const { exitCode, err } = await runWith(here.split(' ').slice(1))
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  t.match(await readFile(kept, 'utf8'), key.split('+')[0] ?? '')
})

t.test('what the page puts into server.yaml is what the server takes', async (t) => {
  const whole = (part: string) => parseConfig(ServerConfig, `agents: {address: "https://x:7443"}\n${part}`)
  t.match(whole(pageFile(page, 'server.yaml')), {
    value: { audit: { checkpoints: [{ file: '/mnt/audit/joinery-checkpoint' }, { syslog: true }] } }
  })
  for (const part of ['{}', '{file: /x, syslog: true}', '{file: relative}', '{syslog: false}']) {
    t.match(whole(`audit: {checkpoints: [${part}]}`), { problems: [Object] }, part)
  }
})

t.test('the page has a row for each finding that an auditor may meet', async (t) => {
  const { faults } = await import('@joinery/tlog')
  const rare = /malformed|out-of-range|leaf-too-large|tree-damaged|proof-wrong|other-origin/
  for (const code of Object.keys(faults).filter((one) => !rare.test(one))) t.match(page, `\`${code}\``, code)
})
