import { lineOf } from './imports.ts'
import { closing, codeOf, type Token, tokensOf } from './tokens.ts'

/** One call of a test's `t`, such as `t.match(found, expected)`. */
export interface Assertion {
  /** The method: `match`. */
  name: string
  /** Its arguments, each by its tokens without comments. */
  args: Token[][]
  /** From 1. */
  line: number
}

/** The calls of `t` in a TypeScript file, in their order. */
export const assertionsOf = (source: string): Assertion[] => {
  const tokens = codeOf(tokensOf(source))
  return tokens.flatMap((token, at) => {
    const [before, dot, name, open] = [tokens[at - 1], tokens[at + 1], tokens[at + 2], tokens[at + 3]]
    if (token.text !== 't' || before?.text === '.' || dot?.text !== '.' || open?.text !== '(') return []
    const args = parts(tokens.slice(at + 4, closing(tokens, at + 3)))
    return [{ name: name?.text ?? '', args, line: lineOf(source, token.at) }]
  })
}

/** The parts of a list between its commas. */
const parts = (tokens: readonly Token[]): Token[][] => {
  const found: Token[][] = [[]]
  for (let at = 0; at < tokens.length; at++) {
    const end = /^[([{]$/.test(tokens[at]?.text ?? '') ? closing(tokens, at) : at
    if (tokens[at]?.text === ',') found.push([])
    else found.at(-1)?.push(...tokens.slice(at, end + 1))
    at = end
  }
  return found
}

/** Methods whose second argument is a pattern: what it does not name, nobody looks at. */
const matchers = new Set(['has', 'hasStrict', 'match', 'matchOnly', 'rejects', 'resolveMatch', 'throws'])

/**
 * The matches whose pattern has an empty array or object. They say "nothing" and hold for anything: `[]` for every array and object,
 * `{}` for every object. An empty list is `{ length: 0 }`, and an object that may be any is `Object`.
 */
export const emptyPatterns = (assertions: readonly Assertion[]): Assertion[] =>
  assertions.filter(({ name, args: [, pattern = []] }) => matchers.has(name) && hasEmpty(pattern))

const hasEmpty = (pattern: readonly Token[]): boolean => {
  for (let at = 0; at < pattern.length; at++) {
    const [before, token, next] = [pattern[at - 1], pattern[at], pattern[at + 1]]
    // what a call is given is no pattern
    if (token?.text === '(' && before?.operand) at = closing(pattern, at)
    else if (token?.text === '[' && next?.text === ']' && !before?.operand) return true
    else if (token?.text === '{' && next?.text === '}' && before?.text !== '=>') return true
  }
  return false
}

/** The refusals that do not say of what. They hold for a slip in the test's own call as well. */
export const anyErrors = (assertions: readonly Assertion[]): Assertion[] =>
  assertions.filter(({ name, args: [, wanted = []] }) => refusals.has(name) && isName(wanted[0]))

const refusals = new Set(['rejects', 'throws'])

/** True if no pattern begins here, but the name of the assertion, or nothing. */
const isName = (first: Token | undefined): boolean => first === undefined || /^(string|template)$/.test(first.kind)

/**
 * The comparisons of a file with a whole status of a server, or with all that a store has (`dump`, `snapshot`). Whatever writes there
 * by itself may come between two looks, so a test looks at its own matter.
 */
export const wholeLooks = (source: string, assertions: readonly Assertion[]): Assertion[] => {
  const named = new Set([...source.matchAll(namedWhole)].map(([, all, rest]) => all ?? rest))
  const isWhole = (found: string): boolean => whole.test(found) || named.has(found)
  return assertions.filter(
    ({ name, args: [found = []] }) => /^(s|strictS)ame$/.test(name) && isWhole(found.map(({ text }) => text).join(' '))
  )
}

const whole = /^(await )?(\w+ \. )*((operator|client) \. status \( \)|\w+ \. snapshot \( \)|dump \( \w+ \))$/
/** `const status = await ...`, or what is left of it: `const { started, ...status } = await ...`. */
const namedWhole = /const (?:(\w+)|\{[^}]*\.\.\.(\w+)\s*\}) = await (?:\w+\.)*(?:operator|client)\.status\(\)$/gm
