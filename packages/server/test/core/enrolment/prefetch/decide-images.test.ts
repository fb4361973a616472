import { imagesAtMost, readReference, states } from '@joinery/protocol'
import t from 'tap'
import {
  byteBounds,
  decideImages,
  isToldImages,
  type NodeWork
} from '../../../../src/core/enrolment/prefetch/images-of-new-node.ts'
import { imageKey } from '../../../../src/core/ports/cluster/images/image-index.ts'

const digest = `sha256:${'a'.repeat(64)}`
const work = (name: string, more: Partial<NodeWork> = {}): NodeWork => ({
  namespace: 'kube-system',
  name,
  images: [`registry.example.org/${name}:v1`],
  hostNetwork: false,
  needsSecret: false,
  ...more
})
const known = (...images: [text: string, bytes: number][]) =>
  new Map(
    images.map(([text, bytes]) => {
      const reference = readReference(text)
      if (reference === undefined) throw new Error(text)
      return [imageKey('amd64', reference), { image: `${reference.repository}@${digest}`, bytes }]
    })
  )
const decide = (all: NodeWork[], index: Parameters<typeof decideImages>[2] = new Map(), arch = 'amd64') =>
  decideImages(all, arch, index).map(({ image }) => image)

t.test('an image is pulled by the digest that Nodes have, and else by its tag', async (t) => {
  const index = known(['registry.example.org/plugin:v1', 7])
  t.same(decideImages([work('plugin'), work('other')], 'amd64', index), [
    { image: 'registry.example.org/other:v1' },
    { image: `registry.example.org/plugin@${digest}`, bytes: 7 }
  ])
  t.same(
    decide([work('plugin')], index, 'arm64'),
    ['registry.example.org/plugin:v1'],
    'not that of another architecture'
  )
  t.same(decide([work('plain', { images: ['busybox'] })]), ['docker.io/library/busybox:latest'])
})

t.test('what runs in the network of the host comes first: it brings the network plugin', async (t) => {
  const all = [
    work('a'),
    work('z', { hostNetwork: true }),
    work('b', { namespace: 'apps' }),
    work('y', { hostNetwork: true })
  ]
  const order = ['y', 'z', 'b', 'a'].map((name) => `registry.example.org/${name}:v1`)
  t.same(decide(all), order)
  t.same(decide(all.toReversed()), order, 'in whatever order the cluster lists them')
})

t.test('left out is what needs a Secret, is no reference, or is there twice', async (t) => {
  const twice = work('two', { images: ['registry.example.org/one:v1', '--all', 'registry.example.org/two:v1'] })
  t.same(decide([work('one'), work('secret', { needsSecret: true }), twice]), [
    'registry.example.org/one:v1',
    'registry.example.org/two:v1'
  ])
})

t.test('there are bounds for one image, for all their bytes, and for their number', async (t) => {
  const third = byteBounds.all / 3 + 1
  const index = known(
    ['registry.example.org/huge:v1', byteBounds.image + 1],
    ['registry.example.org/a:v1', third],
    ['registry.example.org/b:v1', third],
    ['registry.example.org/c:v1', third],
    ['registry.example.org/d:v1', 1]
  )
  t.same(
    decide(
      ['huge', 'a', 'b', 'c', 'd'].map((name) => work(name)),
      index
    ),
    ['a', 'b', 'd'].map((name) => `registry.example.org/${name}@${digest}`)
  )
  const many = Array.from({ length: 100 }, (_, number) => work(`n${number + 100}`))
  t.equal(decide(many).length, imagesAtMost)
})

t.test('only a machine that waits for its approval or its claim is told, and only if its code allows it', async (t) => {
  for (const state of states) {
    t.equal(isToldImages({ state, terms: { prefetch: true } }), state === 'pending' || state === 'approved', state)
    t.equal(isToldImages({ state, terms: {} }), false, `${state}, without`)
  }
})
