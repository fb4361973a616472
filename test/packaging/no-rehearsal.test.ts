import { join } from 'node:path'
import t from 'tap'
import { bundle } from '../../packaging/bundle/bundle.ts'
import { rehearsed } from '../../packaging/bundle/rehearsed.ts'

t.test('a file that only plays a machine or a cluster is found in a bundle', async (t) => {
  const table: [file: string, played: boolean][] = [
    ['packages/fake-kubernetes/src/fake-kubernetes.ts', true],
    ['packages/fake-machine/src/rehearsal-machine.ts', true],
    ['demo/pairing-server.ts', true],
    ['packages/server/src/core/ports/cluster/nodes.ts', false],
    ['packages/cli/src/commands/show.ts', false],
    ['node_modules/.pnpm/a@1.0.0/node_modules/a/demo/index.js', false]
  ]
  for (const [file, played] of table) t.same(rehearsed([file]), played ? [file] : [], file)
})

t.test('a program that can rehearse is not bundled for a package', async (t) => {
  await t.rejects(bundle('demo/pairing-server.ts', join(t.testdir({}), 'demo.mjs')), {
    message: /^a packaged program must not rehearse:\n[\s\S]*^packages\/fake-kubernetes\//m
  })
})
