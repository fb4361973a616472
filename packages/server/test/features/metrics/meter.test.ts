import t from 'tap'
import { Meter } from '../../../src/features/metrics/meter.ts'

/** The lines of one metric. */
const linesOf = async (meter: Meter, name: string): Promise<string[]> =>
  (await meter.render()).text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))

t.test('a counter has a series for each value from the start, so that its first event is an increase', async (t) => {
  const meter = new Meter()
  const before = await linesOf(meter, 'joinery_alerts_total')
  t.ok(before.includes('joinery_alerts_total{event="conflict"} 0'))
  t.ok(before.every((line) => line.endsWith(' 0')))
  meter.count('joinery_alerts_total', { event: 'conflict' })
  t.same(
    (await linesOf(meter, 'joinery_alerts_total')).filter((line) => !line.endsWith(' 0')),
    ['joinery_alerts_total{event="conflict"} 1']
  )
})

t.test('a value that the table does not have is counted as other', async (t) => {
  const meter = new Meter()
  for (const event of ['worker-1', '', 'a"} 1\nforged 1', '__proto__']) {
    meter.count('joinery_alerts_total', { event: event as 'conflict' })
  }
  meter.count('joinery_alerts_total', {} as { event: 'conflict' })
  t.same(
    (await linesOf(meter, 'joinery_alerts_total')).filter((line) => !line.endsWith(' 0')),
    ['joinery_alerts_total{event="other"} 5']
  )
  t.notMatch((await meter.render()).text, 'forged')
})

t.test('machines that name ever new versions make no more than a few series', async (t) => {
  const meter = new Meter()
  const count = (version: string) => meter.count('joinery_agent_outcomes_total', { outcome: 'ready', version })
  for (const version of ['0.1.0', 'dev', 'worker-1', '1.2', '99999.1.1', '1.2.3\n']) count(version)
  for (let patch = 0; patch < 1_000; patch += 1) count(`1.0.${patch}`)
  const lines = await linesOf(meter, 'joinery_agent_outcomes_total')
  t.equal(lines.length, 17)
  t.ok(lines.includes('joinery_agent_outcomes_total{outcome="ready",version="0.1.0"} 1'))
  t.ok(lines.includes(`joinery_agent_outcomes_total{outcome="ready",version="other"} ${4 + 1_000 - 14}`))
})

t.test('a gauge that is not known has no value', async (t) => {
  const meter = new Meter()
  t.same(await linesOf(meter, 'joinery_cluster_up'), [], 'before it was set')
  meter.set('joinery_cluster_up', {}, 0)
  meter.set('joinery_nodes', { ready: 'True' }, 3)
  t.same(await linesOf(meter, 'joinery_cluster_up'), ['joinery_cluster_up 0'])
  meter.forget('joinery_cluster_up', 'joinery_nodes')
  t.same(await linesOf(meter, 'joinery_cluster_up'), [])
  t.same(await linesOf(meter, 'joinery_nodes'), [])
})

t.test('a total is what somebody else counted, and a time below zero is none', async (t) => {
  const meter = new Meter()
  for (const value of [5, 7]) meter.total('joinery_refusals_total', { problem: 'not-found' }, value)
  t.ok((await linesOf(meter, 'joinery_refusals_total')).includes('joinery_refusals_total{problem="not-found"} 7'))
  meter.observe('joinery_commit_duration_seconds', {}, -1)
  meter.observe('joinery_commit_duration_seconds', {}, Number.NaN)
  t.same(await linesOf(meter, 'joinery_commit_duration_seconds_count'), ['joinery_commit_duration_seconds_count 0'])
})
