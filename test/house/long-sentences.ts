import { sentencesOf } from './doc-comments.ts'

/** As many words a sentence may have. */
export const wordsAtMost = 30

export interface LongSentence {
  text: string
  words: number
}

/**
 * The sentences of a Markdown page with more words than that. Code blocks, tables, comments and front matter are left out;
 * an item of a list and a heading are paragraphs of their own. A link counts by its text, code by its words.
 */
export const longSentences = (page: string): LongSentence[] =>
  paragraphsOf(page)
    .flatMap(sentencesOf)
    .map((text) => ({ text, words: wordsOf(text) }))
    .filter(({ words }) => words > wordsAtMost)

/** Each on one line. */
const paragraphsOf = (page: string): string[] =>
  page
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^( *)(```|~~~)[\s\S]*?^ *\2[`~]* *$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^ *\|.*$/gm, '')
    .replace(/^ *#+ (.*)$/gm, '\n$1\n')
    .replace(/^ *(?:[-*+]|\d+\.) /gm, '\n')
    .replace(/^ *> ?/gm, '')
    .split(/\n\s*\n/)
    .map((paragraph) =>
      paragraph
        .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/\s+/g, ' ')
        .trim()
    )

const wordsOf = (text: string): number => text.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length
