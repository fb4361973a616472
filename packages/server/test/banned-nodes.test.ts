import t from 'tap'
import { bannedNodesAtMost, heartbeatsToStop } from '../src/cluster/banned-nodes.ts'

const cases: [what: string, banned: string[], nodes: string[], names: string[]][] = [
  ['nobody is banned', [], ['cp-1'], []],
  ['who is banned has no Node', ['worker-1'], ['cp-1'], []],
  ['who is banned has one', ['worker-1', 'cp-2', 'cp-1'], ['cp-1', 'cp-2', 'cp-3'], ['cp-1', 'cp-2']],
  ['there is no Node', ['worker-1'], [], []]
]
for (const [what, banned, nodes, names] of cases)
  t.test(`where ${what}`, async (t) => t.same(heartbeatsToStop(banned, new Set(nodes)), { names, beyond: 0 }))

t.test('over the bound the first by name are stopped, whatever the order, and the others are counted', async (t) => {
  const many = Array.from({ length: bannedNodesAtMost + 3 }, (_, index) => `node-${1000 + index}`)
  const { names, beyond } = heartbeatsToStop(many.toReversed(), new Set(many))
  t.same(names, many.slice(0, bannedNodesAtMost))
  t.equal(beyond, 3)
})
