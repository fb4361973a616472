import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { longSentences, sentencesOfPage, wordsAtMost } from '../layout/long-sentences.ts'
import { allPages, root } from './pages.ts'

/** A record stays as it was written: decisions, and what changed. */
const records = /^(CHANGELOG\.md|docs\/adr\/)/
const pages = allPages().filter((page) => !records.test(page))

/** Pages that are made from the code, and how many long sentences the code still has for them. May only fall. */
const allowed: Record<string, number> = { 'docs/reference/preflight.md': 5 }

for (const page of pages) {
  const sentences = sentencesOfPage(readFileSync(join(root, page), 'utf8'))

  t.test(`${page} has no sentence of more than ${wordsAtMost} words`, async (t) => {
    const long = longSentences(sentences)
    t.equal(long.length, allowed[page] ?? 0, 'docs/contributing/style.md says how to split one', { long })
  })

  t.test(`${page} says "if" for a condition`, async (t) => {
    t.same(
      sentences.filter((sentence) => /^Where\b.*[^?]$/.test(sentence) && sentence.includes(',')),
      []
    )
  })
}

t.test('sentences are found in paragraphs, lists and cells, and code blocks have none', async (t) => {
  const markdown = `# A heading that is none

One sentence [with a link](x.md)
over two lines. Another?

- an item
  that goes on
1. \`two words\`, and more

| cell | other cell |
|---|---|

\`\`\`sh
no sentence
\`\`\`
`
  t.same(
    sentencesOfPage(markdown).filter((sentence) => /[a-z]/.test(sentence)),
    [
      'A heading that is none',
      'One sentence with a link over two lines.',
      'Another?',
      'an item that goes on',
      '`two words`, and more',
      'cell',
      'other cell'
    ]
  )
})
