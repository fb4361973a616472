import { basename, join } from 'node:path'
import t from 'tap'
import { bundle } from '../../packaging/bundle.ts'

t.test('an agent that waits has not loaded what only the commands for people and mending need', async (t) => {
  const { outputs } = await bundle('packages/agent/src/main.ts', join(t.testdir({}), 'joinery-agent.mjs'), {
    splitting: true
  })
  const entry = Object.keys(outputs).find((file) => basename(file) === 'joinery-agent.mjs')
  const loaded = new Set([entry ?? ''])
  for (const file of loaded) {
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') loaded.add(path)
  }
  const sources = [...loaded].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}))
  t.ok(sources.includes('packages/agent/src/loop.ts'), 'it is the agent that was searched')
  const lazy =
    /agent\/src\/(enrol|preflight)\/|agent\/src\/status\/(describe|print|read|watch)|protocol\/src\/text\/(checks|table|json)|agent\/src\/machine\/mend\/(mend|containerd)|smol-toml/
  t.same(
    sources.filter((source) => lazy.test(source)),
    []
  )
})
