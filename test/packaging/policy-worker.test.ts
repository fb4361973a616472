import { basename, join } from 'node:path'
import type { WorkerEngine } from '@joinery/policy'
import t from 'tap'
import { bundle, policyWorker } from '../../packaging/bundle/bundle.ts'

t.test('a packaged program finds the thread of the policy beside it, and only that has the CEL library', async (t) => {
  const file = join(t.testdir({}), 'joinery.mjs')
  const { outputs } = await bundle('packages/policy/src/index.ts', file, { beside: policyWorker })
  const withCel = Object.entries(outputs).filter(([, { inputs }]) =>
    Object.keys(inputs).some((source) => source.includes('@bufbuild'))
  )
  t.same(
    withCel.map(([output]) => basename(output)),
    ['policy-worker.mjs']
  )
  const { WorkerEngine: Engine } = (await import(file)) as { WorkerEngine: new () => WorkerEngine }
  const engine = new Engine()
  t.teardown(() => engine.close())
  t.match(await engine.compile(['inCidr("10.7.0.1", "10.7.0.0/16") && "ab".matches("^a")'], {}), [
    { uses: { length: 0 } }
  ])
  const group = { labels: {}, id: '', name: '', role: 'worker', from: [] }
  const evidence = { machine: {}, seen: {}, code: group, role: 'worker', name: '', now: '2026-11-27T12:00:00Z' }
  t.same(await engine.first([0], evidence as never), { number: 0 })
})
