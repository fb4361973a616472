import { isIdPrefix, meantByPrefix } from '@joinery/protocol'
import t from 'tap'

const ids = ['abcd1111-0000', 'abcd2222-0000', 'ffff0000-1111'].map((id) => ({ id }))
const meant = (prefix: string, found = ids) => meantByPrefix(prefix, found, ({ id }) => `machine ${id.slice(0, 4)}`)

t.test('a short id means the one id that begins with it', async (t) => {
  for (const [prefix, id] of [
    ['ffff', 'ffff0000-1111'],
    ['abcd1', 'abcd1111-0000'],
    ['abcd2222-0000', 'abcd2222-0000'],
    ['fff', undefined],
    ['FFFF', undefined],
    ['0000', undefined],
    ['ffff0000-11112', undefined],
    ['', undefined]
  ] as const) {
    t.equal(meant(prefix)?.id, id, prefix)
  }
})

t.test('a short id that several ids begin with names them, and not more than a few', async (t) => {
  t.throws(() => meant('abcd'), {
    code: 'ambiguous-id',
    message: 'several ids begin with abcd: abcd1111-0000 (machine abcd), abcd2222-0000 (machine abcd)'
  })
  const many = Array.from({ length: 20 }, (_, index) => ({ id: `abcd${index}` }))
  t.throws(() => meant('abcd', many), { message: /abcd4 \(machine abcd\), \.\.\.$/ })
})

t.test('only hex digits and hyphens begin an id', async (t) => {
  for (const text of ['abcd', '0123-4', 'a'.repeat(64)]) t.ok(isIdPrefix(text), text)
  for (const text of ['abc', 'node', '-abc', 'ab%d', 'abc_', 'ABCD', 'a'.repeat(65), 'abcd\n'])
    t.notOk(isIdPrefix(text), text)
})
