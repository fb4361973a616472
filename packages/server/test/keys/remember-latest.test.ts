import t from 'tap'
import { rememberLatest } from '../../src/keys/remember-latest.ts'

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
  }, 1)
  read('good')
  for (const _ of [1, 2]) t.throws(() => read('bad'), { message: 'no' })
  read('good')
  t.equal(asked, 3)
})
