import t from 'tap'
import { leasesAtMost, leasesToSettle } from '../../../../src/core/ports/cluster/banned-leases.ts'

interface Case {
  banned: string[]
  nodes: string[]
  labelled?: string[]
  label?: string[]
  free?: string[]
}

const cases: Record<string, Case> = {
  'nobody is banned': { banned: [], nodes: ['cp-1'] },
  'a banned name has no Node': { banned: ['worker-1'], nodes: ['cp-1'] },
  'banned names have Nodes': {
    banned: ['cp-2', 'worker-1', 'cp-1'],
    nodes: ['cp-1', 'cp-2', 'cp-3'],
    label: ['cp-1', 'cp-2']
  },
  'a banned Lease has its label already': { banned: ['cp-1'], nodes: ['cp-1'], labelled: ['cp-1'] },
  'a ban was lifted': { banned: [], nodes: ['cp-1'], labelled: ['cp-1'], free: ['cp-1'] },
  'a banned Node went, and its Lease is still there': { banned: ['cp-1'], nodes: [], labelled: ['cp-1'] },
  'a ban came, and another one went': {
    banned: ['cp-1'],
    nodes: ['cp-1', 'cp-2'],
    labelled: ['cp-2'],
    label: ['cp-1'],
    free: ['cp-2']
  }
}
for (const [what, { banned, nodes, labelled = [], label = [], free = [] }] of Object.entries(cases))
  t.test(`if ${what}: ${label.length} Leases to label, ${free.length} to free`, async (t) =>
    t.same(leasesToSettle(new Set(banned), new Set(nodes), new Set(labelled), 7), { label, free, left: 0 })
  )

const many = new Set(Array.from({ length: 2 * leasesAtMost + 3 }, (_, index) => `node-${1000 + index}`))

t.test('above the bound each turn takes the next Leases, whatever became of those before', async (t) => {
  const turns = [4, 5, 6, 7].map((turn) => leasesToSettle(many, many, new Set(), turn))
  t.same(
    turns.map(({ label, left }) => label.length + left),
    turns.map(() => many.size)
  )
  for (const { label } of turns) t.ok(label.length <= leasesAtMost)
  t.equal(new Set(turns.slice(0, 3).flatMap(({ label }) => label)).size, many.size, 'each has its turn')
  t.same(turns[3]?.label, turns[0]?.label)
})

t.test(
  'each third look takes the Lease of a banned Node that is Ready all the same, and the next one labels it',
  async (t) => {
    const both = new Set(['cp-1', 'cp-2'])
    const settle = (turn: number, labelled: ReadonlySet<string>) =>
      leasesToSettle(both, both, labelled, turn, new Set(['cp-1', 'cp-3']))
    for (const turn of [0, 1, 3, 4]) t.same(settle(turn, both), { label: [], free: [], left: 0 }, `look ${turn}`)
    for (const turn of [2, 5]) t.same(settle(turn, both), { label: [], free: ['cp-1'], left: 0 }, `look ${turn}`)
    t.same(settle(3, new Set(['cp-2'])), { label: ['cp-1'], free: [], left: 0 })
    t.same(settle(2, new Set(['cp-2'])), { label: ['cp-1'], free: [], left: 0 }, 'it is labelled before it is stuck')
  }
)

t.test('the Leases that must lose the label are bounded too', async (t) => {
  const { free, left } = leasesToSettle(new Set(), many, many, 0)
  t.equal(free.length, leasesAtMost)
  t.equal(left, many.size - leasesAtMost)
})
