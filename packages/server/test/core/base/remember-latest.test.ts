import t from 'tap'
import { rememberLatest } from '../../../src/core/base/remember-latest.ts'

t.test('a text is read once while it is among the latest, and what is asked for again stays', async (t) => {
  const asked: string[] = []
  const read = rememberLatest((text) => {
    asked.push(text)
    return { text }
  }, 2)
  const first = read('a')
  t.same(first, { text: 'a' })
  read('b')
  t.equal(read('a'), first, 'the same result')
  read('c')
  read('a')
  t.same(asked, ['a', 'b', 'c'])
  read('b')
  t.same(asked, ['a', 'b', 'c', 'b'], 'b was asked for longest ago')
})

t.test('what could not be read is tried again, and pushes nothing out', async (t) => {
  let asked = 0
  const read = rememberLatest((text) => {
    asked += 1
    if (text === 'bad') throw new Error('no')
    return text
  }, 4)
  read('good')
  for (const _ of [1, 2]) t.throws(() => read('bad'), { message: 'no' })
  read('good')
  t.equal(asked, 3)
})

t.test('what it keeps is bounded by characters: many short texts, or few long ones', async (t) => {
  const asked: string[] = []
  const read = rememberLatest((text) => asked.push(text), 10)
  const short = ['ab', 'cd', 'ef', 'gh', 'ij']
  for (const _ of [1, 2]) short.map(read)
  t.same(asked, short, 'five of two characters')
  read('abcdefghi')
  read('gh')
  t.same(asked.slice(5), ['abcdefghi', 'gh'], 'one of nine pushes them all out')
  read('abcdefghijk')
  read('abcdefghijk')
  t.equal(asked.length, 9, 'one that is too long is read each time')
  read('gh')
  t.equal(asked.length, 10, 'and it has pushed out the rest')
})
