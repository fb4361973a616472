import { lineOf } from './imports.ts'
import { tokensOf } from './tokens.ts'

/** One doc comment of a file. */
export interface DocComment {
  /** What it says, without the stars; its lines are joined by `\n`. */
  text: string
  /** On one line. Without its end if there is none. */
  firstSentence: string
  /** From 1. */
  line: number
}

/** The doc comments of a TypeScript file, in their order. Those without a word are left out. */
export const docCommentsOf = (source: string): DocComment[] =>
  tokensOf(source)
    .filter(({ kind, text }) => kind === 'comment' && /^\/\*\*(?![*/])/.test(text))
    .map(({ text, at }) => ({ text: inner(text), at }))
    .filter(({ text }) => text !== '')
    .map(({ text, at }) => ({ text, firstSentence: firstSentence(text), line: lineOf(source, at) }))

const inner = (comment: string): string =>
  comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, '').trimEnd())
    .join('\n')
    .trim()

/** Ends with its full stop, with the paragraph, or before a list or a tag. */
export const firstSentence = (text: string): string => {
  const [paragraph = ''] = text.split(/\n\s*\n|\n\s*(?=[-*@] ?\w)/)
  const line = paragraph.replace(/\s+/g, ' ').trim()
  const [sentence = ''] = sentencesOf(line)
  return sentence
}

/** Splits a paragraph on one line into its sentences. What stands in backquotes ends none, nor does an abbreviation. */
export const sentencesOf = (paragraph: string): string[] => {
  const masked = paragraph.replace(/`[^`]*`/g, (code) => '_'.repeat(code.length))
  const ends = [...masked.matchAll(/(?<!\b(?:e\.g|i\.e|etc|vs))[.!?]["')\]*_]*(?= |$)/g)].map(
    ({ index, 0: end }) => index + end.length
  )
  return [0, ...ends]
    .map((start, index) => paragraph.slice(start, ends[index]).trim())
    .filter((sentence) => sentence !== '')
}
