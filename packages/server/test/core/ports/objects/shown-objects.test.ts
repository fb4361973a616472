import t from 'tap'
import { ShownObjects } from '../../../../src/core/ports/objects/shown-objects.ts'

const view = (version: number, hash: string | undefined = 'h', generation = 1) => ({
  name: 'a',
  version: String(version),
  generation,
  hash
})

t.test('what the watch tells late takes nothing back', async (t) => {
  const shown = new ShownObjects()
  shown.written('a', '5', 'new')
  t.notOk(shown.told(view(4, 'old')))
  t.notOk(shown.told(view(5, 'as the API server keeps it')))
  t.same(shown.get('a')?.hash, 'new')
  t.ok(shown.told(view(6, 'other')))
  t.ok(shown.told({ ...view(7), hash: undefined }))
  t.notOk(shown.get('a'))
})

t.test('an answer that comes late takes nothing back', async (t) => {
  const shown = new ShownObjects()
  shown.told(view(6, 'of another'))
  shown.written('a', '5', 'own')
  t.equal(shown.get('a')?.hash, 'of another')
})

t.test('a list counts, but for what was written or told since it began', async (t) => {
  const shown = new ShownObjects()
  shown.written('a', '1000', 'h')
  shown.begin()
  t.ok(shown.listed(view(5, 'of an etcd that was restored')))
  shown.begin()
  shown.written('a', '6', 'own')
  t.notOk(shown.listed(view(5, 'old')))
  t.equal(shown.get('a')?.hash, 'own')
  shown.begin()
  shown.told({ ...view(7), hash: undefined })
  t.notOk(shown.listed(view(6, 'own')), 'it was deleted since')
  t.notOk(shown.get('a'))
})

t.test('what a list does not have is gone', async (t) => {
  const shown = new ShownObjects()
  shown.written('a', '1', 'h')
  shown.written('b', '2', 'h')
  shown.begin()
  shown.listed(view(1))
  shown.written('c', '3', 'h')
  t.same(shown.end(), ['b'])
  t.notOk(shown.get('b'))
  t.ok(shown.get('c'))
})

t.test('O3: an object has the generation that was seen last, and one that the server made the first', async (t) => {
  const shown = new ShownObjects()
  shown.written('a', '5', 'own')
  t.equal(shown.get('a')?.generation, 1)
  shown.told(view(6, 'of a server of before', 17))
  shown.written('a', '7', 'own')
  t.equal(shown.get('a')?.generation, 17, 'a write of the status makes no generation')
})
