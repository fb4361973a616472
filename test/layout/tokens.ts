/** One token of a TypeScript file. `at` is the offset of its first character. */
export interface Token {
  kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'punctuator' | 'comment'
  text: string
  at: number
  /** True if an expression may end with this token: a `/` after it divides, any other `/` begins a regular expression. */
  operand: boolean
}

/**
 * Splits TypeScript into tokens, so that text which looks like code in a string, a template, a regular expression or a
 * comment is not taken for code. Each part of a template between its expressions is one token. Throws `SyntaxError` if
 * the text ends within a token or a bracket. TypeScript 7 has no stable API of its compiler, hence this scanner.
 */
export const tokensOf = (source: string): Token[] => new Scanner(source).tokens()

/** The tokens that are not comments. */
export const codeOf = (tokens: readonly Token[]): Token[] => tokens.filter(({ kind }) => kind !== 'comment')

/** Place of the bracket that closes this one. The number of tokens if none does. */
export const closing = (tokens: readonly Token[], open: number): number => {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (isOpening(tokens[at])) depth++
    if (isClosing(tokens[at]) && --depth === 0) return at
  }
  return tokens.length
}

/** Place of the bracket around this token. -1 if there is none. */
export const opening = (tokens: readonly Token[], from: number): number => {
  let depth = 0
  for (let at = from - 1; at >= 0; at--) {
    if (isClosing(tokens[at])) depth++
    if (isOpening(tokens[at]) && depth-- === 0) return at
  }
  return -1
}

const isOpening = (token: Token | undefined): boolean => /^[([{]$/.test(token?.text ?? '')
const isClosing = (token: Token | undefined): boolean => /^[)\]}]$/.test(token?.text ?? '')

type Bracket = 'template' | 'header' | 'other'

class Scanner {
  readonly #source: string
  readonly #tokens: Token[] = []
  /** The last two tokens that are not comments, the last one first. */
  #last: Token | undefined
  #before: Token | undefined
  #open: Bracket[] = []
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  tokens(): Token[] {
    if (this.#source.startsWith('#!')) this.#at = lineEnd(this.#source, 0)
    while (this.#at < this.#source.length) this.#step()
    if (this.#open.length > 0) throw new SyntaxError(`${this.#open.length} brackets are not closed`)
    return this.#tokens
  }

  #step(): void {
    const [source, at] = [this.#source, this.#at]
    const char = source[at] as string
    if (/\s/.test(char)) this.#at++
    else if (source.startsWith('//', at)) this.#push('comment', lineEnd(source, at), false)
    else if (source.startsWith('/*', at)) this.#push('comment', after(source, '*/', at + 2), false)
    else if (char === '"' || char === "'") this.#push('string', stringEnd(source, at), true)
    else if (char === '`') this.#template()
    else if (char === '/' && !this.#last?.operand) this.#push('regex', regexEnd(source, at), true)
    else this.#wordOrNumber() || this.#punctuator()
  }

  #push(kind: Token['kind'], end: number, operand: boolean): void {
    const token: Token = { kind, text: this.#source.slice(this.#at, end), at: this.#at, operand }
    this.#tokens.push(token)
    this.#at = end
    if (kind === 'comment') return
    this.#before = this.#last
    this.#last = token
  }

  #wordOrNumber(): boolean {
    const wordEnd = sticky(word, this.#source, this.#at)
    if (wordEnd > this.#at) {
      this.#push('word', wordEnd, this.#endsExpression(this.#source.slice(this.#at, wordEnd)))
      return true
    }
    const numberEnd = sticky(number, this.#source, this.#at)
    if (numberEnd === this.#at) return false
    this.#push('number', numberEnd, true)
    return true
  }

  /** False if an expression begins after this word, which is about to be pushed. */
  #endsExpression(text: string): boolean {
    if (isDot(this.#last)) return true
    return text === 'of' ? !this.#last?.operand : !operators.has(text)
  }

  /** From the backtick, or from the `}` that ends an expression, to the next expression or to the end. */
  #template(): void {
    const end = templateEnd(this.#source, this.#at + 1)
    const goesOn = this.#source[end - 1] === '{'
    if (goesOn) this.#open.push('template')
    this.#push('template', end, !goesOn)
  }

  #punctuator(): void {
    const text = punctuatorAt(this.#source, this.#at)
    if (/[)\]}]/.test(text)) this.#close(text)
    else {
      if (/[([{]/.test(text)) this.#open.push(text === '(' && this.#isHeader() ? 'header' : 'other')
      this.#push('punctuator', this.#at + text.length, postfix.has(text) && this.#isPostfix())
    }
  }

  #close(text: string): void {
    const bracket = this.#open.pop()
    if (bracket === undefined) throw new SyntaxError(`the ${text} at offset ${this.#at} closes nothing`)
    if (bracket === 'template') this.#template()
    else this.#push('punctuator', this.#at + 1, text !== '}' && bracket !== 'header')
  }

  /** `if (`, `while (`, `for (`, `for await (`: after their `)` a statement begins, perhaps with a regular expression. */
  #isHeader(): boolean {
    if (this.#last?.text === 'await') return this.#before?.text === 'for'
    return headers.has(this.#last?.text ?? '') && !isDot(this.#before)
  }

  /** `x!`, `x++`: on the line of their operand, by the grammar. */
  #isPostfix(): boolean {
    const last = this.#last
    return last?.operand === true && !this.#source.slice(last.at + last.text.length, this.#at).includes('\n')
  }
}

const word = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy
const number = /0[xXoObB][\da-fA-F_]+n?|(?:\d[\d_]*\.?|\.(?=\d))[\d_]*(?:[eE][+-]?[\d_]+)?n?/y
/** Of several characters, longer ones before those that they begin with. */
const punctuators =
  '>>>= ... === !== **= <<= >>= &&= ||= ??= => == != <= ++ -- && || ?? ?. ** += -= *= /= %= &= |= ^='.split(' ')
const postfix = new Set(['++', '--', '!'])
const headers = new Set(['if', 'while', 'for', 'with'])
/** Words after which an expression begins. */
const operators = new Set(
  'return typeof instanceof in new delete void throw case do else await yield default extends'.split(' ')
)

/** True for the dot before a property's name. */
export const isDot = (token: Token | undefined): boolean => token?.text === '.' || token?.text === '?.'

const punctuatorAt = (source: string, at: number): string => {
  const found = punctuators.find((text) => source.startsWith(text, at)) ?? (source[at] as string)
  // `a?.5:b` has no `?.`
  return found === '?.' && /\d/.test(source[at + 2] ?? '') ? '?' : found
}

/** The offset after what `pattern` matches at `at`; `at` itself if nothing does. */
const sticky = (pattern: RegExp, source: string, at: number): number => {
  pattern.lastIndex = at
  return at + (pattern.exec(source)?.[0].length ?? 0)
}

const lineEnd = (source: string, at: number): number => sticky(/[^\n\r\u2028\u2029]*/y, source, at)

const after = (source: string, text: string, at: number): number => {
  const found = source.indexOf(text, at)
  if (found === -1) throw new SyntaxError(`no ${text} after offset ${at}`)
  return found + text.length
}

const stringEnd = (source: string, start: number): number => {
  for (let at = start + 1; at < source.length && source[at] !== '\n'; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === source[start]) return at + 1
  }
  throw new SyntaxError(`the string at offset ${start} does not end`)
}

/** After the backtick that ends the template, or after the `${` of its next expression. */
const templateEnd = (source: string, from: number): number => {
  for (let at = from; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === '`') return at + 1
    else if (source.startsWith('${', at)) return at + 2
  }
  throw new SyntaxError(`the template at offset ${from - 1} does not end`)
}

const regexEnd = (source: string, start: number): number => {
  let inClass = false
  for (let at = start + 1; at < source.length && source[at] !== '\n'; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === '[') inClass = true
    else if (source[at] === ']') inClass = false
    else if (source[at] === '/' && !inClass) return sticky(/\/\p{ID_Continue}*/uy, source, at)
  }
  throw new SyntaxError(`the regular expression at offset ${start} does not end`)
}
