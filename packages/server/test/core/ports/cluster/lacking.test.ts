import t from 'tap'
import { lacking } from '../../../../src/core/ports/cluster/lacking.ts'

const taint = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' } as const
/** As a Node has one: without a value, and with a field that is not ours. */
const foreign = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' }
const nothing = { labels: {}, taints: [] }

t.test('a Node that has all labels and taints lacks nothing, however much more it has', async (t) => {
  t.equal(lacking(nothing, nothing), undefined)
  t.equal(
    lacking({ labels: { a: 'b', c: '' }, taints: [foreign, taint] }, { labels: { c: '' }, taints: [taint] }),
    undefined
  )
  const bare = { key: 'bare', effect: 'NoSchedule' }
  t.equal(
    lacking({ labels: {}, taints: [bare] }, { labels: {}, taints: [{ ...taint, key: 'bare', value: '' }] }),
    undefined
  )
})

t.test('only the labels that are missing, or have another value, are written', async (t) => {
  const node = { labels: { a: 'b', c: 'd' }, taints: [foreign] }
  t.same(lacking(node, { labels: { a: 'b', c: 'x', e: '' }, taints: [] }), { labels: { c: 'x', e: '' } })
})

t.test('a missing taint is written with all present ones, as they are', async (t) => {
  t.same(lacking({ labels: {}, taints: [foreign] }, { labels: {}, taints: [taint] }), {
    labels: {},
    taints: [foreign, taint]
  })
})

t.test('another value replaces the old taint, and another effect stands beside it', async (t) => {
  const old = { ...taint, value: 'core' }
  const other = { ...taint, effect: 'NoExecute' }
  t.same(lacking({ labels: {}, taints: [old, other] }, { labels: {}, taints: [taint] })?.taints, [other, taint])
})

t.test('the mark of joining goes, alone or with the labels', async (t) => {
  const node = { labels: { 'joinery.dev/joining': '', a: 'b' }, taints: [foreign] }
  t.same(lacking(node, nothing), { labels: { 'joinery.dev/joining': null } })
  t.same(lacking(node, { labels: { a: 'c' }, taints: [] }), { labels: { a: 'c', 'joinery.dev/joining': null } })
})
