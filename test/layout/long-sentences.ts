import { sentencesOf } from './doc-comments.ts'

/** As many words a sentence may have. */
export const wordsAtMost = 30

export interface LongSentence {
  text: string
  words: number
}

/** Sentences with more words than `wordsAtMost`. A link counts by its text, code by its words. */
export const longSentences = (sentences: readonly string[]): LongSentence[] =>
  sentences.map((text) => ({ text, words: wordsOf(text) })).filter(({ words }) => words > wordsAtMost)

/**
 * The sentences of a Markdown page, each on one line. Code blocks, comments and front matter are left out; an item of a list, a
 * cell of a table and a heading are paragraphs of their own.
 */
export const sentencesOfPage = (page: string): string[] => paragraphsOf(page).flatMap(sentencesOf)

/** Each on one line. */
const paragraphsOf = (page: string): string[] =>
  page
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^( *)(```|~~~)[\s\S]*?^ *\2[`~]* *$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^ *\|.*$/gm, (row) => `\n${row.split(/(?<!\\)\|/).join('\n\n')}\n`)
    .replace(/^ *#+ (.*)$/gm, '\n$1\n')
    .replace(/^ *(?:[-*+]|\d+\.) /gm, '\n')
    .replace(/^ *> ?/gm, '')
    .split(/\n\s*\n/)
    .map((paragraph) =>
      paragraph
        .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll('**', '')
        .replace(/\s+/g, ' ')
        .trim()
    )

const wordsOf = (text: string): number => text.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length
