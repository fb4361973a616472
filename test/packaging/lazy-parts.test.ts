import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { bundle } from '../../packaging/bundle/bundle.ts'

/** Sources of the program at `entry` that are loaded when it starts, and all that it may come to load. */
const sourcesOf = async (t: Test, entry: string, name: string): Promise<{ loaded: string[]; all: string[] }> => {
  const { outputs, inputs } = await bundle(entry, join(t.testdir({}), `${name}.mjs`), { splitting: true })
  const loaded = new Set(Object.keys(outputs).filter((file) => basename(file) === `${name}.mjs`))
  for (const file of loaded) {
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') loaded.add(path)
  }
  return { loaded: [...loaded].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {})), all: Object.keys(inputs) }
}

t.test("a waiting agent has not loaded what only people's commands and mending need", async (t) => {
  const { loaded, all } = await sourcesOf(t, 'packages/agent/src/main.ts', 'joinery-agent')
  t.ok(loaded.includes('packages/agent/src/loop/loop.ts'), 'it is the agent that was searched')
  const lazy =
    /agent\/src\/(enrol|preflight|why)\/|agent\/src\/machine\/why\/(rules|judge|decide)|agent\/src\/status\/(describe|print|read|watch)|host\/src\/text\/(checks|table|json)|agent\/src\/machine\/mend\/(mend|containerd)|smol-toml/
  t.same(
    loaded.filter((source) => lazy.test(source)),
    []
  )
  for (const part of lazy.source.split(/\|(?![^(]*\))/)) {
    t.ok(
      all.some((source) => new RegExp(part).test(source)),
      `${part} is a part that there is`
    )
  }
})

t.test('a command without a cluster loads no client of one, and no command loads the server', async (t) => {
  const { loaded, all } = await sourcesOf(t, 'packages/cli/src/program/start.ts', 'joinery')
  t.ok(loaded.includes('packages/cli/src/commands/cluster.ts'), 'it is the command that was searched')
  t.ok(all.includes('packages/kube/src/doctor/examine.ts'))
  t.same(
    loaded.filter((source) => /client-node|packages\/(server|agent)\//.test(source)),
    []
  )
  t.ok(all.includes('packages/etcd/src/gateway.ts'))
  t.same(
    all.filter((source) => /packages\/(server|agent)\/|fastify|tsyringe|node-cron|pino|x509/.test(source)),
    []
  )
})

t.test('of OpenTelemetry the server carries what it uses, and that works in the bundle', async (t) => {
  const file = join(t.testdir({}), 'otlp.mjs')
  const { outputs } = await bundle('packages/server/src/features/notices/traces/otlp.ts', file)
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const carried = parts.filter(([source]) => source.includes('@opentelemetry'))
  const bytes = carried.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)
  t.ok(carried.length > 0 && bytes < 32 * 1024, `${bytes} bytes`)
  const { otlpRequest } = (await import(file)) as { otlpRequest: (traces: unknown) => Uint8Array }
  const text = new TextDecoder().decode(otlpRequest([{ trace: 'a'.repeat(32), spans: [] }]))
  t.same(JSON.parse(text), { resourceSpans: [] })
})
