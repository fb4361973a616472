import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@joinery/host/config-file'
import { ServerConfig } from '@joinery/server/testing/config'
import { servingRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { root } from './pages.ts'
import { Shell } from './shell.ts'

const page = readFileSync(join(root, 'docs/how-to/serving-certificates.md'), 'utf8')

t.test('the page’s configuration can be loaded', async (t) => {
  const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? []
  const parsed = parseConfig(ServerConfig, `agents: {address: "https://192.0.2.1:7443"}\n${yaml}`)
  t.match(parsed, { value: { servingCertificates: 'approve' } })
})

t.test('the page’s command shows the names that a request is for', { skip: needs('openssl') }, async (t) => {
  const { request } = await servingRequest('worker-1', ['10.0.0.7'])
  const [, command = ''] = /^kubectl get csr NAME .*?( \| .*)$/m.exec(page) ?? []
  const csr = Buffer.from(request).toString('base64')
  const { code, output } = await new Shell(`printf ${csr}${command}`).ended
  t.equal(code, 0, output)
  t.match(output, 'DNS:worker-1, IP Address:10.0.0.7')
})
