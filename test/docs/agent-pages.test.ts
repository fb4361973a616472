import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kubeadmNames } from '../../docs/agent/kubeadm-names.ts'
import { agentPages } from '../../docs/agent/pages.ts'

const reference = join(import.meta.dirname, '../../docs/reference')

for (const [name, text] of Object.entries(agentPages())) {
  t.test(`docs/reference/${name} is as the code makes it`, async (t) => {
    t.equal(readFileSync(join(reference, name), 'utf8'), text, 'else run: node_modules/.bin/node docs/agent/main.ts')
  })
}

t.test('each name of kubeadm belongs to a check that exists', async (t) => {
  const names = [...(agentPages()['preflight.md'] ?? '').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)
  for (const name of Object.keys(kubeadmNames)) t.ok(names.includes(name), name)
})
