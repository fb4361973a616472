/** A span of a text, [from, to). */
export type Span = readonly [from: number, to: number]

/** A header of a table (or of one table of an array), or a key with its value. */
export interface Statement {
  kind: 'table' | 'array-table' | 'pair'
  /** The whole path of the statement. The path of a pair includes that of its table. */
  path: string[]
  /** The key as it is written, quotes and all. For a header, the text between the brackets. */
  key: Span
  /** The last part of the key. */
  name: Span
  /** Span of the value. Only a key/value pair has one. */
  value?: Span
}

/**
 * The statements of a TOML document, with their places. This knows just enough of the grammar to tell statements
 * apart from strings and comments, and reads no value. Throws SyntaxError if it loses its way.
 */
export const tomlStatements = (text: string): Statement[] => {
  const statements: Statement[] = []
  let table: string[] = []
  let at = skip(text, 0, /(?:\s|#.*)*/y)
  while (at < text.length) {
    const opening = /\[\[?/y
    opening.lastIndex = at
    const bracket = opening.exec(text)?.[0]
    const key = readKey(text, at + (bracket?.length ?? 0))
    if (bracket !== undefined) {
      const closing = ']'.repeat(bracket.length)
      if (!text.startsWith(closing, key.end)) throw lost(text, key.end)
      table = key.path
      statements.push({ kind: bracket === '[' ? 'table' : 'array-table', path: table, key: key.span, name: key.name })
      at = key.end + closing.length
    } else {
      if (text[key.end] !== '=') throw lost(text, key.end)
      const from = skip(text, key.end + 1, /[ \t]*/y)
      const to = valueEnd(text, from)
      statements.push({ kind: 'pair', path: [...table, ...key.path], key: key.span, name: key.name, value: [from, to] })
      at = to
    }
    at = skip(text, at, /(?:\s|#.*)*/y)
  }
  return statements
}

/** The strings directly in an array, and its commas, in their order. `value` is the span of the array with its brackets. */
export const arrayParts = (text: string, value: Span): { kind: 'string' | 'comma' | 'other'; span: Span }[] => {
  const parts: { kind: 'string' | 'comma' | 'other'; span: Span }[] = []
  let at = skip(text, value[0] + 1, /(?:\s|#.*)*/y)
  while (at < value[1] - 1) {
    const end = text[at] === ',' ? at + 1 : valueEnd(text, at)
    const kind = text[at] === ',' ? 'comma' : /["']/.test(text[at] as string) ? 'string' : 'other'
    parts.push({ kind, span: [at, end] })
    at = skip(text, end, /(?:\s|#.*)*/y)
  }
  return parts
}

/** A string of one line without its quotes. */
export const unquote = (raw: string): string => (raw.startsWith("'") ? raw.slice(1, -1) : String(JSON.parse(raw)))

const readKey = (text: string, from: number) => {
  const path: string[] = []
  const start = skip(text, from, /[ \t]*/y)
  let name: Span = [start, start]
  let at = start
  for (;;) {
    const end = stringEnd(text, at) ?? skip(text, at, /[\w-]*/y)
    if (end === at) throw lost(text, at)
    name = [at, end]
    const raw = text.slice(at, end)
    path.push(/^["']/.test(raw) ? unquote(raw) : raw)
    at = skip(text, end, /[ \t]*/y)
    if (text[at] !== '.') return { path, span: [start, end] as Span, name, end: at }
    at = skip(text, at + 1, /[ \t]*/y)
  }
}

const valueEnd = (text: string, from: number): number => {
  const string = stringEnd(text, from)
  if (string !== undefined) return string
  const bracket = text[from]
  if (bracket !== '[' && bracket !== '{') {
    const end = skip(text, from, /[^\s,#\]}]*/y)
    if (end === from) throw lost(text, from)
    return end
  }
  const closing = bracket === '[' ? ']' : '}'
  let at = from + 1
  for (;;) {
    at = skip(text, at, /(?:[\s,=.]|#.*)*/y)
    if (at >= text.length) throw lost(text, from)
    if (text[at] === closing) return at + 1
    at = valueEnd(text, at)
  }
}

const stringPattern = /"""(?:\\[\s\S]|[^\\])*?"""+|'''[\s\S]*?'''+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y

const stringEnd = (text: string, from: number): number | undefined => {
  stringPattern.lastIndex = from
  return stringPattern.test(text) ? stringPattern.lastIndex : undefined
}

const skip = (text: string, from: number, pattern: RegExp): number => {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

const lost = (text: string, at: number): SyntaxError =>
  new SyntaxError(`line ${text.slice(0, at).split('\n').length} is not understood`)
