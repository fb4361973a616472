import { day } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { storeSubject } from '../../../src/core/ports/store/timeline.ts'
import { EndpointWatch } from '../../../src/core/trust/endpoint-watch.ts'
import type { FixedFacts } from '../../../src/core/trust/fixed-facts.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

const open = async (t: Test, facts: FixedFacts | null = { cluster: 'uid', apiEndpoint: '10.0.0.1:6443' }) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const state: { now: Date; published: string | Error | undefined } = {
    now: new Date('2026-01-02T00:00:00Z'),
    published: 'https://10.0.0.1:6443'
  }
  const warned: object[] = []
  const watch = new EndpointWatch({
    commits: commitsTo(store),
    cluster: {
      publishedEndpoint: async () => {
        if (state.published instanceof Error) throw state.published
        return state.published
      }
    },
    fixed: async () => facts ?? undefined,
    clock: { now: () => state.now },
    log: { warn: (words: object) => void warned.push(words) } as never
  })
  const alerts = async () => (await store.timeline(storeSubject)).filter(({ event }) => event === 'endpoint-changed')
  return { state, watch, alerts, warned }
}

t.test('another endpoint in the cluster than the one that setup fixed is one alert a day', async (t) => {
  const { state, watch, alerts } = await open(t)
  await watch.look()
  t.same(await alerts(), [])
  state.published = 'https://evil.example:6443'
  await watch.look()
  await watch.look()
  t.match(await alerts(), [
    { alert: true, detail: /evil\.example:6443, and machines get 10\.0\.0\.1:6443/, count: undefined }
  ])
  state.now = new Date(state.now.getTime() + day)
  await watch.look()
  t.equal((await alerts()).length, 2)
})

t.test('a cluster that names none, does not answer, or was never fixed alerts nobody', async (t) => {
  const { state, watch, alerts, warned } = await open(t)
  state.published = undefined
  await watch.look()
  state.published = new Error('it is down')
  await watch.look()
  t.same(await alerts(), [])
  t.match(warned, [{ reason: 'it is down' }])
})

t.test('without what setup fixes there is nothing to compare with', async (t) => {
  const { state, watch, alerts } = await open(t, null)
  state.published = 'https://evil.example:6443'
  await watch.look()
  t.same(await alerts(), [])
})
