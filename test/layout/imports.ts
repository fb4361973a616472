import { closing, codeOf, isDot, type Token, tokensOf } from './tokens.ts'

/**
 * One import of a file.
 *
 * - static: `import`, also for its effect alone, and `export ... from`. `import { type A }` counts: it loads the module.
 * - dynamic: `import(...)` in an expression.
 * - type: what is gone when types are erased: `import type`, `export type ... from`, `import('x').Name` and
 *   `typeof import('x')` in a type.
 */
export interface Import {
  /** As it is written, for example `./plan.ts` or `node:fs`. Undefined if a dynamic import computes it. */
  specifier: string | undefined
  kind: 'static' | 'dynamic' | 'type'
  /** From 1. */
  line: number
}

/**
 * The imports of a TypeScript file, in their order, each as often as it is written. `require`, `import.meta.resolve` and
 * comments such as `@import` do not count.
 */
export const importsOf = (source: string): readonly Import[] => {
  const found = known.get(source) ?? readImports(source)
  known.set(source, found)
  return found
}

/** Imports of the files that were read: a helper of the tests is read again for each file that loads it. */
const known = new Map<string, readonly Import[]>()

const readImports = (source: string): Import[] => {
  const tokens = codeOf(tokensOf(source))
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'word' || isDot(tokens[at - 1])) return []
    const found = importAt(tokens, at)
    return found ? [{ ...found, line: lineOf(source, token.at) }] : []
  })
}

/** Line of an offset, from 1. */
export const lineOf = (source: string, at: number): number => source.slice(0, at).split('\n').length

type Found = Omit<Import, 'line'>

const importAt = (tokens: readonly Token[], at: number): Found | undefined => {
  if (tokens[at]?.text === 'import') return tokens[at + 1]?.text === '(' ? call(tokens, at) : statement(tokens, at)
  if (tokens[at]?.text === 'export') return statement(tokens, at)
}

/** `import ... from 'x'`, `import 'x'`, `export ... from 'x'`; undefined if it is none, such as a property's name. */
const statement = (tokens: readonly Token[], start: number): Found | undefined => {
  const isImport = tokens[start]?.text === 'import'
  const next = tokens[start + 1]
  if (isImport && next?.kind === 'string') return { specifier: textOf(next), kind: 'static' }
  const type = isTypeOnly(tokens, start + 1)
  let at = start + (type ? 2 : 1)
  if (!isImport && tokens[at]?.text !== '{' && tokens[at]?.text !== '*') return undefined
  // the names: words, commas and one pair of braces, until `from`. After an `export {...}` without it comes another statement
  for (; at < tokens.length && !isSource(tokens, at); at++) {
    if (tokens[at]?.text === '{') at = closing(tokens, at)
    else if (tokens[at]?.kind !== 'word' && !/^[,*]$/.test(tokens[at]?.text ?? '')) return undefined
    if (!isImport && tokens[at]?.text === '}' && !isSource(tokens, at + 1)) return undefined
  }
  const source = tokens[at + 1]
  return source && { specifier: textOf(source), kind: type ? 'type' : 'static' }
}

/** `from 'x'` */
const isSource = (tokens: readonly Token[], at: number): boolean =>
  tokens[at]?.text === 'from' && tokens[at + 1]?.kind === 'string'

/** `type` is the modifier, and not the name of what is imported: `import type from 'x'`, `import type, { a } from 'x'`. */
const isTypeOnly = (tokens: readonly Token[], at: number): boolean => {
  const [word, next, afterNext] = tokens.slice(at, at + 3)
  if (word?.text !== 'type') return false
  if (next?.text === '{' || next?.text === '*') return true
  return next?.kind === 'word' && !(next.text === 'from' && afterNext?.kind === 'string')
}

/** `import(...)`; undefined if a method has this name. */
const call = (tokens: readonly Token[], at: number): Found | undefined => {
  const end = closing(tokens, at + 1)
  const [before, next, name] = [tokens[at - 1], tokens[end + 1], tokens[end + 2]]
  if (next?.text === '{' || (next?.text === ':' && beginsMember(before))) return undefined
  const inType = before?.text === 'typeof' || (next?.text === '.' && !promised.has(name?.text ?? ''))
  return { specifier: literal(tokens, at + 2), kind: inType ? 'type' : 'dynamic' }
}

const promised = new Set(['then', 'catch', 'finally'])

const beginsMember = (before: Token | undefined): boolean =>
  before === undefined || before.operand || /^[{},;]$/.test(before.text) || before.text === 'async'

/** The text of a string that is an argument of its own; undefined of any other expression. */
const literal = (tokens: readonly Token[], at: number): string | undefined => {
  const [token, next] = tokens.slice(at, at + 2)
  if (token === undefined || !/^[,)]$/.test(next?.text ?? '')) return undefined
  return token.kind === 'string' || token.kind === 'template' ? textOf(token) : undefined
}

const textOf = ({ text }: Token): string =>
  text
    .slice(1, -1)
    .replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]+)\}|([\s\S]))/g, (_, x, u, point, char) =>
      char === undefined ? String.fromCodePoint(Number.parseInt(x ?? u ?? point, 16)) : char
    )
