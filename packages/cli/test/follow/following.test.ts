import t from 'tap'
import { Following, type Told } from '../../src/follow/following.ts'

interface Item {
  id: string
  state: string
}
const item = (id: string, state = 'pending'): Item => ({ id, state })

/** Follows what the test tells, word by word. A word that is an error is a cut. */
const follow = (...words: (Told<Item> | Error)[]) => {
  let begun = 0
  async function* source(signal: AbortSignal): AsyncGenerator<Told<Item>> {
    begun += 1
    for (let word = words.shift(); word !== undefined; word = words.shift()) {
      if (word instanceof Error) throw word
      yield word
    }
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  return { following: new Following<Item>(source), begun: () => begun }
}
const whole = (...items: Item[]): Told<Item> => ({ type: 'whole', items })
const changed = (items: Item[], gone: string[] = []): Told<Item> => ({ type: 'changed', items, gone })

t.test('all are new at first, and then each that changed, came or went', async (t) => {
  const { following } = follow(
    whole(item('a'), item('b')),
    changed([item('b', 'ready'), item('c')], ['a', 'unknown']),
    changed([])
  )
  t.same(await following.next(), { changed: [item('a'), item('b')], gone: [] })
  t.same(await following.next(), { changed: [item('b', 'ready'), item('c')], gone: ['a'] })
  t.same(following.items, [item('b', 'ready'), item('c')])
  t.same([following.get('b'), following.get('a')], [item('b', 'ready'), undefined])
  t.same(await following.next(), { changed: [], gone: [] })
})

t.test('one that is told twice is no change', async (t) => {
  const { following } = follow(whole(item('a')), changed([item('a'), item('b')]), changed([item('b')]))
  await following.next()
  t.same(await following.next(), { changed: [item('b')], gone: [] })
  t.same(await following.next(), { changed: [], gone: [] })
})

t.test('after a cut it goes on, and a list that is told whole again shows what was missed', async (t) => {
  const { following, begun } = follow(
    whole(item('a'), item('b'), item('c')),
    new Error('cut'),
    whole(item('a'), item('b', 'ready'), item('d'))
  )
  await following.next()
  await t.rejects(following.next(), { message: 'cut' })
  t.same(following.items.length, 3, 'what was told stays')
  t.same(await following.next(), { changed: [item('b', 'ready'), item('d')], gone: ['c'] })
  t.equal(begun(), 2)
})

t.test('an answer of its own comes before the source tells of it', async (t) => {
  const { following } = follow(whole(item('a')), changed([item('a', 'approved')]))
  await following.next()
  t.same(following.took(item('a', 'approved')), { changed: [item('a', 'approved')], gone: [] })
  t.same(await following.next(), { changed: [], gone: [] })
})

t.test('the end rejects whoever waits', async (t) => {
  const { following } = follow(whole(item('a')))
  await following.next()
  const waits = following.next()
  following.close()
  await t.rejects(waits, { name: 'AbortError' })
  t.ok(following.isClosed)
})
