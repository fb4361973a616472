import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@joinery/host/config-file'
import { ServerConfig } from '@joinery/server/testing/config'
import { newCode } from '@joinery/testing/command/fixtures'
import { runWith, serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/certificates.md'), 'utf8')

for (const command of readmeCommands(page, 'one machine')) {
  t.test(`the page's ${command} works, and asks for a certificate`, async (t) => {
    const { socket, calls } = await serveOperators(t, { createCode: () => newCode })
    const [words = ''] = command.split(' > ')
    const { exitCode, err } = await runWith(['--socket', socket, ...words.split(' ').slice(1)])
    t.equal(exitCode, 0, err)
    t.match(calls, [{ route: 'createCode', body: { credential: 'certificate' } }])
  })
}

t.test('the page’s configuration can be loaded', async (t) => {
  const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? []
  const parsed = parseConfig(ServerConfig, `agents: {address: "https://192.0.2.1:7443"}\n${yaml}`)
  t.match(parsed, { value: { credential: 'certificate' } })
})
