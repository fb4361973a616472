import { isShortId, meantByShortId, shortId } from '@joinery/protocol'
import t from 'tap'

const ids = ['abcd1111-0000', 'abcd2222-0000', 'ffff0000-1111'].map((id) => ({ id }))
const meant = (short: string, found = ids) => meantByShortId(short, found, ({ id }) => `machine ${id.slice(0, 4)}`)

t.test('U9: machines of one minute have short ids that differ, and each means the one that shows it', async (t) => {
  const together = ['01a22a83-b8cb-79ad-bc32-414c87a8fe5c', '01a22a83-b8cc-7f02-8d51-0b6e6a51c3d7'].map((id) => ({
    id
  }))
  const shown = together.map(({ id }) => shortId(id))
  t.same(shown, ['87a8fe5c', '6a51c3d7'])
  for (const [index, short] of shown.entries()) t.equal(meant(short, together), together[index], short)
})

t.test('a short id means the one id that ends or begins with it', async (t) => {
  for (const [short, id] of [
    ['ffff', 'ffff0000-1111'],
    ['1111', 'ffff0000-1111'],
    ['1-0000', 'abcd1111-0000'],
    ['abcd1', 'abcd1111-0000'],
    ['abcd2222-0000', 'abcd2222-0000'],
    ['fff', undefined],
    ['FFFF', undefined],
    ['2222', undefined],
    ['ffff0000-11112', undefined],
    ['', undefined]
  ] as const) {
    t.equal(meant(short)?.id, id, short)
  }
})

t.test('a short id that fits several ids names them, and not more than a few', async (t) => {
  t.throws(() => meant('abcd'), {
    code: 'ambiguous-id',
    message: 'several ids end or begin with abcd: abcd1111-0000 (machine abcd), abcd2222-0000 (machine abcd)'
  })
  t.throws(() => meant('0000'), { code: 'ambiguous-id' }, 'by their ends')
  const other = [{ id: '9999-ffff' }, { id: 'ffff-9999' }]
  t.throws(() => meant('ffff', other), { code: 'ambiguous-id' }, 'the end of one is the beginning of another')
  const many = Array.from({ length: 20 }, (_, index) => ({ id: `abcd${index}` }))
  t.throws(() => meant('abcd', many), { message: /abcd4 \(machine abcd\), \.\.\.$/ })
})

t.test('only hex digits and hyphens are a short id', async (t) => {
  for (const text of ['abcd', '0123-4', 'a'.repeat(64)]) t.ok(isShortId(text), text)
  for (const text of ['abc', 'node', '-abc', 'ab%d', 'abc_', 'ABCD', 'a'.repeat(65), 'abcd\n'])
    t.notOk(isShortId(text), text)
})
