import t from 'tap'
import { docCommentsOf, sentencesOf } from './doc-comments.ts'

const rows: [string, string, string[]][] = [
  ['one line', '/** The names of the nodes. */', ['The names of the nodes.']],
  ['several lines', '/**\n * The names\n * of the nodes. Sorted.\n */', ['The names of the nodes.']],
  ['two comments', 'interface A {\n  /** First. */\n  a: string\n  /** Second. */\n}', ['First.', 'Second.']],
  ['no full stop', '/** The names */', ['The names']],
  ['a paragraph without a full stop', '/**\n * The names\n *\n * and more.\n */', ['The names']],
  ['a list', '/**\n * The names:\n * - one. Two.\n */', ['The names:']],
  ['a tag', '/**\n * The names\n * @param a b.\n */', ['The names']],
  ['a dot within a word', '/** Reads agent.yaml of 1.2.3.4. Twice. */', ['Reads agent.yaml of 1.2.3.4.']],
  ['a dot in code', '/** Throws `no. such` text. Twice. */', ['Throws `no. such` text.']],
  ['an abbreviation', '/** A host, e.g. 192.0.2.1 or i.e. this. Twice. */', ['A host, e.g. 192.0.2.1 or i.e. this.']],
  ['brackets after the full stop', '/** A host (of one.) Twice. */', ['A host (of one.)']],
  ['a question', '/** Is it alone? Ask. */', ['Is it alone?']],
  ['a comment that is no doc comment', '/* Of a. */\n// /** Of b. */\n/*** Of c. */\n/**/', []],
  ['an empty comment', '/** */ /***/', []],
  ['a doc comment in a comment', '// a /** Of b. */\n/* /** Of c. */', []],
  ['a doc comment in a string', 'a = \'/** Of a. */\'; b = "/** Of b. */"', []],
  ['a doc comment in a template', 'a = `/** Of a. */ ${b /** Of c. */} /** Of d. */`', ['Of c.']],
  ['a doc comment in a regular expression', 'a = /[/**]Of a. *//.test(b)', []],
  ['a pattern of files', "include: ['packages/**', '**/*.ts'] /** Of b. */", ['Of b.']]
]

t.test('the first sentence of each doc comment is found', async (t) => {
  for (const [name, source, sentences] of rows) {
    const found = docCommentsOf(source).map(({ firstSentence }) => firstSentence)
    t.same(found, sentences, name)
  }
})

t.test('a doc comment says its line and its whole text', async (t) => {
  const source = 'const a = 1\n\n  /**\n   * First. Second\n   * line.\n   *\n   * Third.\n   */\nconst b = 2'
  t.match(docCommentsOf(source), [{ line: 3, text: 'First. Second\nline.\n\nThird.' }])
})

t.test('a paragraph falls into its sentences', async (t) => {
  t.same(sentencesOf('One, `a. b`, 1.2. Two? (Three.) four'), ['One, `a. b`, 1.2.', 'Two?', '(Three.)', 'four'])
  t.same(sentencesOf(''), [])
})
