import t from 'tap'
import { sources } from './sources.ts'

/** Most fields of one document, or of one part of it: who reads more at once has a part that is a document of its own. */
const fieldsAtMost = 26

/** The fields of each interface in a file that the formatter wrote: two spaces stand before each, and more before what is inside it. */
const fieldsIn = (text: string): Map<string, string[]> =>
  new Map(
    [...text.matchAll(/^export interface (\w+)[^{\n]*\{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => [
      name,
      [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, field = '']) => field)
    ])
  )

const documents = sources.filter(({ file }) => file.includes('/ports/store/documents/'))

t.test('fields are counted, and what is inside one is none', async (t) => {
  const text = 'export interface One {\n  /** a: b */\n  a: string\n  b?: {\n    c: string\n  }\n}\n'
  t.same(fieldsIn(text).get('One'), ['a', 'b'])
})

t.test(`no document of the store, and no part of one, has more than ${fieldsAtMost} fields`, async (t) => {
  const all = documents.flatMap(({ text }) => [...fieldsIn(text)])
  t.ok(all.length >= 12, 'the documents were read')
  t.same(
    all.filter(([, fields]) => fields.length > fieldsAtMost).map(([name, { length }]) => `${name}: ${length}`),
    []
  )
})
