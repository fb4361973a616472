import t from 'tap'
import { given } from '../src/given.ts'

t.test('only a field that is undefined is left out', async (t) => {
  const [absent, text]: (string | undefined)[] = [undefined, '']
  t.strictSame(given({ absent, text, no: false, zero: 0, nothing: null, none: [] }), {
    text: '',
    no: false,
    zero: 0,
    nothing: null,
    none: []
  })
  t.notOk('absent' in given({ absent }))
})

t.test('the fields are in the order in which they are given', async (t) => {
  t.same(Object.keys({ first: 1, ...given({ b: 2, c: undefined, a: 3 }), last: 4 }), ['first', 'b', 'a', 'last'])
})

t.test('a field has no value undefined, and may be absent', async (t) => {
  const one: number | undefined = [1][0]
  const fields: { one?: number } = given({ one })
  t.same(fields, { one: 1 })
})
