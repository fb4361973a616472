/** Characters that groff would print as others, or take for an instruction, each with its own name. */
const named: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq'
}

/** Text that groff prints as it is, on one line. A period at the beginning of a line would be an instruction. */
export const roffText = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\\-'`^~"]/g, (character) => named[character] ?? character)
    .replace(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`
    )
    .replace(/^\./, '\\&.')

/** The same with the words between backticks in bold. */
export const roffProse = (text: string): string =>
  text
    .split(/`([^`]*)`/)
    .map((part, index) => (index % 2 === 0 ? roffText(part) : `\\fB${roffText(part)}\\fP`))
    .join('')
    .replace(/^\./, '\\&.')

/** Lines as they are, each for itself and indented. */
export const roffLines = (lines: readonly string[]): string =>
  ['.RS 4', '.nf', ...lines.map((line) => line.replace(/^ +/, '')).map(preformatted), '.fi', '.RE'].join('\n')

/** A line in which spaces count. */
const preformatted = (line: string): string =>
  line
    .split(/( {2,})/)
    .map((part) => (/^ {2,}$/.test(part) ? part : roffText(part)))
    .join('')
