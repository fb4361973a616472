import t from 'tap'
import { membersOf } from './figures.ts'
import { sources } from './sources.ts'

/** Most fields of one document, or of one part of it: who reads more at once has a part that is a document of its own. */
const fieldsAtMost = 26

const documents = sources.filter(({ file }) => file.includes('/ports/store/documents/'))

t.test('fields are counted, and what is inside one is none', async (t) => {
  t.equal(membersOf('export interface One {\n  /** a: b */\n  a: string\n  b?: {\n    c: string\n  }\n}\n', 'One'), 2)
})

t.test(`no document of the store, and no part of one, has more than ${fieldsAtMost} fields`, async (t) => {
  const all = documents.flatMap(({ text }) =>
    [...text.matchAll(/^export interface (\w+)/gm)].map(([, name = '']) => ({ name, fields: membersOf(text, name) }))
  )
  t.equal(all.find(({ name }) => name === 'EnrolmentDocument')?.fields, 26, 'the documents were read')
  t.same(
    all.filter(({ fields }) => fields > fieldsAtMost),
    []
  )
})
