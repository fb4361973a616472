import t from 'tap'
import { collect, type Source } from '../../src/bundle/collect.ts'

const source = (name: string, read: () => string): Source => ({ name, about: name, read: async () => read() })
const limits = { file: 10, all: 25, milliseconds: 1000 }
const still = () => new Date(0)

t.test('a source that cannot be read is named with the reason, and does not stop the others', async (t) => {
  const fails = source('b', () => {
    throw new Error('not\nallowed by abcdef.0123456789abcdef \u001b[2J')
  })
  const { files, missing } = await collect([source('a', () => '1'), fails, source('c', () => '2')], still)
  t.same(
    files.map(({ name, text }) => [name, text]),
    [
      ['a', '1'],
      ['c', '2']
    ]
  )
  t.same(missing, [{ name: 'b', why: 'not; allowed by abcdef.<secret> \\u{1b}[2J' }])
})

t.test('a bundle is bounded: each file, all of them, and the time', async (t) => {
  const long = (name: string) => source(name, () => 'x'.repeat(12))
  const { files, missing } = await collect([long('a'), long('b'), long('c'), long('d')], still, limits)
  t.same(
    files.map(({ name, text, cut }) => [name, text.length, cut]),
    [
      ['a', 10, true],
      ['b', 10, true],
      ['c', 5, true]
    ]
  )
  t.same(missing, [{ name: 'd', why: 'left out: the bundle would be too large' }])

  let now = 0
  const slow = (name: string) =>
    source(name, () => {
      now += 600
      return 'x'
    })
  const late = await collect([slow('a'), slow('b'), slow('c')], () => new Date(now), limits)
  t.same(
    late.files.map(({ name }) => name),
    ['a', 'b']
  )
  t.same(late.missing, [{ name: 'c', why: 'not read: the others took 1 seconds' }])
})

t.test('a secret that would be cut in two is gone before the cut', async (t) => {
  const { files } = await collect([source('a', () => 'by abcdef.0123456789abcdef')], still, { ...limits, file: 14 })
  t.equal(files[0]?.text, 'by abcdef.<sec')
})

t.test('sources may follow from those before', async (t) => {
  let found: string[] = []
  const first = source('list', () => {
    found = ['x', 'y']
    return '.'
  })
  const { files } = await collect([first, () => found.map((name) => source(name, () => name))], still)
  t.same(
    files.map(({ name }) => name),
    ['list', 'x', 'y']
  )
})
