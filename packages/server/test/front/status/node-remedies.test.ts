import t from 'tap'
import type { ClusterNode } from '../../../src/core/ports/cluster/nodes.ts'
import { lastingNodes, nodeRemedies } from '../../../src/front/status/remedies.ts'

const now = new Date('2026-01-10T12:00:00Z')
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const node = (name: string, minutes: number, ready: ClusterNode['ready'] = 'False') => ({
  name,
  ready,
  since: before(minutes),
  created: before(1000)
})

t.test('U22: a Node that is not Ready beyond the grace is named, the longest first', async (t) => {
  const nodes = [node('well', 100, 'True'), node('boots', 4), node('silent', 8, 'Unknown'), node('long', 200)]
  const lasting = lastingNodes(nodes, now)
  t.same(
    lasting.map(({ name }) => name),
    ['long', 'silent']
  )
  t.same(nodeRemedies(lasting, true, now), [
    '2 Nodes are not Ready: long for 3h20m, silent for 8m; see why: joinery why long'
  ])
  t.same(nodeRemedies(lasting.slice(1), false, now), [
    'A Node is not Ready: silent for 8m; see why: kubectl describe node silent'
  ])
  t.same(nodeRemedies([], false, now), [])
})

t.test('a Node whose condition has no time counts from its creation', async (t) => {
  const { since: _, ...without } = node('old', 1)
  t.same(lastingNodes([without], now), [{ name: 'old', since: without.created }])
})

t.test('a cluster that is away as a whole is one sentence, with few names', async (t) => {
  const all = Array.from({ length: 300 }, (_, index) => node(`node-${index}`, 10 + index))
  const [sentence = '', ...more] = nodeRemedies(lastingNodes(all, now), true, now)
  t.same(more, [])
  t.match(sentence, /^300 Nodes are not Ready: node-299 for 5h9m, .*, 295 more; see why: joinery why node-299$/)
})
