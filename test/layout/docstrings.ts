import { type DocComment, docCommentsOf } from './doc-comments.ts'

/**
 * Words with which no sentence begins that stands alone: prepositions, relative words and pronouns that point at something
 * outside of it. `If` and `When` are not among them: what begins with them can be a whole sentence.
 */
export const leaningWords: ReadonlySet<string> = new Set(
  [
    ...['About', 'After', 'Against', 'Among', 'At', 'Before', 'Behind', 'Beside', 'Between', 'Beyond', 'By', 'During'],
    ...['For', 'From', 'In', 'Into', 'Like', 'Of', 'Off', 'On', 'Out', 'Over', 'Since', 'Through', 'To', 'Under'],
    ...['Until', 'Up', 'Upon', 'With', 'Within', 'Without'],
    ...['What', 'Whatever', 'Where', 'Wherever', 'Whether', 'Which', 'Whichever', 'Who', 'Whoever', 'Whom', 'Whose'],
    ...['How', 'Why', 'That', 'These', 'This', 'Those']
  ].map((word) => word.toLowerCase())
)

/** The doc comments of a file whose first sentence leans on the code below it. */
export const leaningComments = (source: string): DocComment[] =>
  docCommentsOf(source).filter(({ firstSentence }) => {
    const [word = ''] = /^[A-Za-z]+/.exec(firstSentence) ?? []
    return leaningWords.has(word.toLowerCase())
  })
