import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@joinery/host/config-file'
import { ServerConfig } from '@joinery/server/testing/config'
import t from 'tap'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/not-ready.md'), 'utf8')

t.test('the page’s configuration can be loaded', async (t) => {
  const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? []
  const parsed = parseConfig(ServerConfig, `agents: {address: "https://192.0.2.1:7443"}\n${yaml}`)
  t.match(parsed, { value: { diagnosis: 'on' } })
})
