import { asciiJson } from '@joinery/host/text/json'
import { escapeText } from '@joinery/protocol'
import { type Budget, fullBudget, type Limits, longestTemplate } from './budget.ts'
import { type Path, readPath, readRelaxedPath } from './path.ts'
import { endOfQuotes } from './scan-path.ts'
import { TemplateFault, type Typed } from './template-fault.ts'

/** Makes the text of a document. */
export type Template = (document: unknown) => string

type Part = { kind: 'text'; text: string } | { kind: 'path'; path: Path } | Range
/** The parts between `{range PATH}` and `{end}`, once for each value of the path. */
interface Range {
  kind: 'range'
  path: Path
  parts: Part[]
}

/**
 * Reads a template in kubectl's grammar for `-o jsonpath`: text, and between braces paths, quoted text, numbers, `range PATH` and
 * `end`. A template without braces is one path. Throws the mistake in it.
 */
export const readTemplate = (typed: Typed, limits?: Limits): Template => {
  requireShort(typed)
  const parts: Part[] = typed.text.includes('{') ? readParts(typed) : [{ kind: 'path', path: readRelaxedPath(typed) }]
  return (document) => {
    const budget = fullBudget(limits)
    const texts: string[] = []
    print(parts, document, budget, (text) => {
      budget.print(text.length)
      texts.push(text)
    })
    return texts.join('')
  }
}

/** Throws if a template is longer than any that a person types. */
export const requireShort = (typed: Typed): void => {
  if (typed.text.length > longestTemplate) {
    throw new TemplateFault(typed, `a template has at most ${longestTemplate} characters`, longestTemplate)
  }
}

const print = (parts: readonly Part[], value: unknown, budget: Budget, out: (text: string) => void): void => {
  for (const part of parts) {
    budget.spend(1)
    if (part.kind === 'text') out(part.text)
    else if (part.kind === 'path') out(part.path(value, budget).map(textOf).join(' '))
    else for (const item of part.path(value, budget)) print(part.parts, item, budget, out)
  }
}

/** A value as text in one line, all of it ASCII: the words of a machine cannot steer the terminal that shows them. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return escapeText(value)
  return typeof value === 'object' && value !== null ? asciiJson(JSON.stringify(value)) : String(value ?? '')
}

const readParts = (typed: Typed): Part[] => {
  const { text } = typed
  const open: { range: Range; at: number }[] = []
  const whole: Part[] = []
  const into = (): Part[] => open.at(-1)?.range.parts ?? whole
  let at = 0
  while (at < text.length) {
    const brace = text.indexOf('{', at)
    const end = brace < 0 ? text.length : brace
    if (end > at) into().push({ kind: 'text', text: text.slice(at, end) })
    if (brace < 0) break
    const action = readAction(typed, brace)
    at = action.end
    if (action.word === 'end') {
      if (open.pop() === undefined) throw new TemplateFault(typed, 'no {range} is open here', brace)
      continue
    }
    into().push(...action.parts)
    const last = action.parts.at(-1)
    if (last?.kind === 'range') open.push({ range: last, at: brace })
  }
  const left = open.at(-1)
  if (left !== undefined) throw new TemplateFault(typed, 'no {end} ends this {range}', left.at)
  return whole
}

interface Action {
  parts: Part[]
  word?: 'end'
  /** Offset behind the closing brace. */
  end: number
}

/** Reads the text between two braces, the first of them at `from`. */
const readAction = (typed: Typed, from: number): Action => {
  const { text } = typed
  const begin = pastSpace(text, from + 1)
  const [word = ''] = /^(?:range|end)(?![\w.[])/.exec(text.slice(begin, begin + 6)) ?? []
  if (word === 'end') return { parts: [], word, end: pastBrace(typed, from, begin + word.length) }
  const start = pastSpace(text, begin + word.length)
  if (word === 'range') {
    const { path, end } = readPath(typed, start)
    if (end === start) throw new TemplateFault(typed, '{range} needs a path, such as .items[*]', start)
    return { parts: [{ kind: 'range', path, parts: [] }], end: pastBrace(typed, from, end) }
  }
  const { part, end } = readValue(typed, start)
  return { parts: [part], end: pastBrace(typed, from, end) }
}

const readValue = (typed: Typed, at: number): { part: Part; end: number } => {
  const { text } = typed
  const first = text[at] ?? ''
  if (first === '"' || first === "'") {
    const end = endOfQuotes(typed, at)
    return { part: { kind: 'text', text: unquoted(typed, at, end) }, end }
  }
  const [number] = /^[+-]?\d+(?:\.\d+)?/.exec(text.slice(at)) ?? []
  if (number !== undefined) return { part: { kind: 'text', text: number }, end: at + number.length }
  const { path, end } = readPath(typed, at)
  if (end > at) return { part: { kind: 'path', path }, end }
  const message =
    first === '' ? 'nothing ends this {' : 'a path begins with a dot, such as {.name}; text stands in quotes'
  throw new TemplateFault(typed, message, first === '' ? at - 1 : at)
}

/** Offset behind the brace that ends an action. */
const pastBrace = (typed: Typed, from: number, at: number): number => {
  const { text } = typed
  const end = pastSpace(text, at)
  if (text[end] === '}') return end + 1
  throw end >= text.length
    ? new TemplateFault(typed, 'nothing ends this {', from)
    : new TemplateFault(typed, 'a } is missing here', end)
}

const pastSpace = (text: string, at: number): number => {
  let end = at
  while (/\s/.test(text[end] ?? '')) end += 1
  return end
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" }

/** The text in quotes, as kubectl understands it. */
const unquoted = (typed: Typed, from: number, end: number): string => {
  let read = ''
  for (let at = from + 1; at < end - 1; at += 1) {
    if (typed.text[at] !== '\\') {
      read += typed.text[at]
      continue
    }
    at += 1
    const meant = escapes[typed.text[at] ?? '']
    if (meant === undefined) throw new TemplateFault(typed, 'this backslash means nothing', at - 1)
    read += meant
  }
  return read
}
