import { joiningLabel } from '@joinery/protocol'
import t from 'tap'
import { maySetLabel, maySetTaint, withinBounds } from '../../../../src/core/ports/cluster/within-bounds.ts'

const dedicated = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' } as const
const had = { labels: { rack: 'r1' }, taints: [dedicated] }
const joining = { ...had, labels: { ...had.labels, [joiningLabel]: '' } }

/** Key, value, and whether the server may set it on a Node that is not joining. */
const labels: [string, string, boolean][] = [
  ['new', 'x', true],
  ['node-role.kubernetes.io/edge', '', true],
  ['rack', 'r1', true],
  ['rack', 'r2', false],
  ['rack', '', false],
  ['node-restriction.kubernetes.io/pool', 'a', false],
  ['team.node-restriction.kubernetes.io/pool', 'a', false],
  ['node.kubernetes.io/exclude-from-external-load-balancers', '', false],
  ['xnode-restriction.kubernetes.io/pool', 'a', true],
  ['node-restriction.example.org/pool', 'a', true]
]
for (const [key, value, may] of labels) {
  t.test(`label ${key}=${value} may be set ${may ? 'at any time' : 'only while it joins'}`, async (t) => {
    t.equal(maySetLabel(had, key, value), may)
    t.equal(maySetLabel(joining, key, value), true)
  })
}

t.test('a taint is added at any time unless it evicts, and keeps its value', async (t) => {
  const other = { ...dedicated, value: 'anybody' }
  const evicting = { ...dedicated, effect: 'NoExecute' } as const
  t.equal(maySetTaint(had, dedicated), true)
  t.equal(maySetTaint(had, { ...dedicated, effect: 'PreferNoSchedule' }), true)
  for (const taint of [other, evicting]) {
    t.equal(maySetTaint(had, taint), false, JSON.stringify(taint))
    t.equal(maySetTaint(joining, taint), true, JSON.stringify(taint))
  }
  t.equal(maySetTaint({ ...had, taints: [evicting] }, evicting), true, 'it registered with it')
})

t.test('the wanted labels and taints fall into those that may be set and those that may not', async (t) => {
  const wanted = { labels: { rack: 'r2', new: '' }, taints: [dedicated, { ...dedicated, value: 'x' }] }
  t.same(withinBounds(joining, wanted), { allowed: wanted, refused: { labels: {}, taints: [] } })
  t.same(withinBounds(had, wanted), {
    allowed: { labels: { new: '' }, taints: [dedicated] },
    refused: { labels: { rack: 'r2' }, taints: [{ ...dedicated, value: 'x' }] }
  })
})
