import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spentCode } from '@joinery/agent/testing/code'
import { newCode } from '@joinery/testing/command/fixtures'
import { runWith, serveOperators } from '@joinery/testing/command/operators'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/cloud-init.md'), 'utf8')
const given = {
  'containerd.sources': 'Types: deb\n',
  'Release.key': '-----BEGIN PGP PUBLIC KEY BLOCK-----\n'
}

for (const block of ['make', 'own repositories']) {
  for (const command of readmeCommands(page, block)) {
    const skip = command.includes('-o iso') && needs('genisoimage')
    t.test(`the page's ${command} works`, { skip }, async (t) => {
      const { socket } = await serveOperators(t, { createCode: () => newCode })
      // relative, as the page has them
      process.chdir(t.testdir(given))
      t.teardown(() => process.chdir(root))
      const [words = '', printed] = command.split(' > ')
      const { exitCode, out, err } = await runWith(['--socket', socket, ...words.split(' ').slice(1)])
      t.equal(exitCode, 0, err)
      if (printed !== undefined) writeFileSync(printed, out)
      const [made = ''] = /\S+$/.exec(command) ?? []
      t.ok(statSync(made).size > 0, made)
    })
  }
}

t.test('the page names the mark that the agent leaves', async (t) => t.match(page, `\`${spentCode}\``))
