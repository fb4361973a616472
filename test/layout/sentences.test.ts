import t from 'tap'
import { leaningComments } from './docstrings.ts'
import { longSentences, sentencesOfPage, wordsAtMost } from './long-sentences.ts'

const comments: [comment: string, leans: boolean][] = [
  ['Of its code; absent: a token.', true],
  ['What a control plane would come to.', true],
  ['That the machine can know before it has enrolled.', true],
  ['Those of them that were committed.', true],
  ['By name.', true],
  ['With the word *of* in it.', true],
  ['of a cluster.', true],
  ['The control-plane images that this cluster needs.', false],
  ['Returns what it was given.', false],
  ['True if the request has any extension.', false],
  ['Offers of a machine.', false],
  ['Forward lines.', false],
  ['If it is over, nothing happens.', false],
  ['`of` in code.', false]
]

t.test('a comment leans on the code if its first sentence begins with a preposition or a relative word', async (t) => {
  for (const [comment, leans] of comments) t.equal(leaningComments(`/** ${comment} */`).length === 1, leans, comment)
  t.same(leaningComments("const a = '/** Of a. */' // /** Of b. */"), [], 'what only looks like a comment')
  t.match(leaningComments('/** One. Of two. */\n\n/** Of a. */'), [{ line: 3 }])
})

const words = (count: number): string => Array(count).fill('word').join(' ')
const long = `${words(wordsAtMost + 1)}.`
const pages: [name: string, page: string, words: number[]][] = [
  ['a sentence that may be as long', `${words(wordsAtMost)}.`, []],
  ['one with a word more', long, [31]],
  ['over several lines', long.replaceAll('word word', 'word\nword'), [31]],
  ['the second one', `One. ${long} Three.`, [31]],
  ['two paragraphs', `${words(20)}\n\n${words(20)}`, []],
  ['a heading and its text', `# ${words(20)}\n${words(20)}`, []],
  ['items of a list', `- ${words(20)}\n- ${words(20)}\n10. ${words(20)}`, []],
  ['a long item', `- one\n- ${long}`, [31]],
  ['a quotation', `> ${long}`, [31]],
  ['a table', `| ${long} | ${words(20)} |\n|---|---|\n| ${words(20)} | ${long} |`, [31, 31]],
  ['a bar in a cell', `| ${words(20)} \\| ${words(20)} |`, [40]],
  ['code', `\`\`\`sh\n${long}\n\`\`\`\n~~~\n${long}\n~~~\n`, []],
  ['text after code', `\`\`\`sh\n${long}\n\`\`\`\n\n${long}`, [31]],
  ['a comment', `<!-- ${long} -->`, []],
  ['front matter', `---\ntitle: ${long}\n---\n`, []],
  ['links', `${words(29)} [one](https://example.com/a_b.c?d=1. and more).`, []],
  ['a dot in code', `${words(20)} \`a. b\` ${words(20)}.`, [42]],
  ['signs between words', `${words(30)} - = / .`, []]
]

t.test('the long sentences of a page are found', async (t) => {
  for (const [name, page, counts] of pages) {
    t.same(
      longSentences(sentencesOfPage(page)).map((sentence) => sentence.words),
      counts,
      name
    )
  }
})
