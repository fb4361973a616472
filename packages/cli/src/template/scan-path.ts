import { TemplateFault, type Typed } from './template-fault.ts'

/** One part of a path, with the offset at which it is written. */
export type Part =
  | { kind: 'field'; name: string; at: number }
  /** Each child of an object or array. */
  | { kind: 'all'; at: number }
  /** A value and all that lies in it. */
  | { kind: 'descend'; at: number }
  /** Text in brackets, with them: the syntax of RFC 9535. */
  | { kind: 'brackets'; text: string; at: number }

interface Scanned {
  parts: Part[]
  /** Offset behind the text that was read. */
  end: number
}

/** Characters that end the name of a field, unless a backslash stands before them. */
const ends = ' \t\n\r.,[]$@{}()\'"'

/**
 * Reads a path in kubectl's grammar (k8s.io/client-go/util/jsonpath/parser.go) from an offset on. Returns its parts, and the offset
 * of the first character that does not belong to it. A relaxed path may begin with a name, without a dot.
 */
export const scanPath = (typed: Typed, from: number, how: 'strict' | 'relaxed' = 'strict'): Scanned => {
  const { text } = typed
  // both signs mean the value at which the path begins
  const begin = text[from] === '$' || text[from] === '@' ? from + 1 : from
  const isName = how === 'relaxed' && begin === from && text[from] !== '.' && text[from] !== '['
  const { parts, end } = isName ? scanName(typed, from) : { parts: [], end: begin }
  let at = end
  while (text[at] === '.' || text[at] === '[') {
    const next = text[at] === '[' ? scanBrackets(typed, at) : scanDot(typed, at)
    parts.push(...next.parts)
    at = next.end
  }
  return { parts, end: at }
}

const scanDot = (typed: Typed, at: number): Scanned => {
  const { text } = typed
  if (text[at + 1] !== '.') return scanName(typed, at + 1)
  const descend: Part = { kind: 'descend', at }
  const after = at + 2
  if (text[after] === '[' || isEnd(text[after])) return { parts: [descend], end: after }
  const { parts, end } = scanName(typed, after)
  return { parts: [descend, ...parts], end }
}

const isEnd = (character: string | undefined): boolean => character === undefined || ends.includes(character)

const scanName = (typed: Typed, at: number): Scanned => {
  const { text } = typed
  if (text[at] === '*') return { parts: [{ kind: 'all', at }], end: at + 1 }
  // as kubectl reads it: `.` alone is the value itself, and `.['a']` is `['a']`
  if (text[at] === '[' || text[at] === '}' || text[at] === undefined) return { parts: [], end: at }
  let name = ''
  let end = at
  while (!isEnd(text[end])) {
    if (text[end] === '\\') end += 1
    name += text[end] ?? ''
    end += 1
  }
  if (name === '') throw new TemplateFault(typed, 'a field has no name', at)
  return { parts: [{ kind: 'field', name, at }], end }
}

const scanBrackets = (typed: Typed, from: number): Scanned => {
  const { text } = typed
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]
    if (character === "'" || character === '"') at = endOfQuotes(typed, at) - 1
    else if (character === '[') depth += 1
    else if (character === ']') depth -= 1
    if (depth > 0) continue
    const end = at + 1
    return { parts: [{ kind: 'brackets', text: text.slice(from, end), at: from }], end }
  }
  throw new TemplateFault(typed, 'nothing ends this [', from)
}

/** Offset behind the quotes that begin at `from`. */
export const endOfQuotes = (typed: Typed, from: number): number => {
  const { text } = typed
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === text[from]) return at + 1
  }
  throw new TemplateFault(typed, `nothing ends this ${text[from]}`, from)
}
