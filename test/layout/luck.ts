import { lineOf } from './imports.ts'
import { closing, codeOf, isDot, opening, type Token, tokensOf } from './tokens.ts'

/**
 * One place where a test trusts to luck, because a busy host is slower than its author's.
 *
 * - sleep: a timer of real time. A wait for so long proves nothing about what it waits for.
 * - race: a timer of real time that something races with.
 * - loop: a loop that waits again until a condition holds. Without a bound it ends with the time-out of the file, and says no word.
 * - bound: a measure of real time, which an assertion then compares, and the time-out of one test.
 * - until: a wait of its own beside the shared one, `eventually` of packages/testing.
 */
export interface Luck {
  kind: 'sleep' | 'race' | 'loop' | 'bound' | 'until'
  /** From 1. */
  line: number
}

/** The places of a TypeScript file, in their order. A clock that is passed on, such as `() => performance.now()`, is none. */
export const luckIn = (source: string): Luck[] => {
  const tokens = codeOf(tokensOf(source))
  const sleeps = timers(tokens)
  return tokens.flatMap((token, at) => {
    const kind = token.kind === 'word' ? kindAt(tokens, at, sleeps) : undefined
    return kind === undefined ? [] : [{ kind, line: lineOf(source, token.at) }]
  })
}

type Sleeps = (at: number) => boolean

const kindAt = (tokens: readonly Token[], at: number, sleeps: Sleeps): Luck['kind'] | undefined => {
  if (sleeps(at)) return isIn(tokens, at, /^Promise\.race$/) ? 'race' : 'sleep'
  if (isWait(tokens, at, sleeps)) return 'loop'
  if (isMeasure(tokens, at) || isTimeOut(tokens, at)) return 'bound'
  if (isOwnUntil(tokens, at)) return 'until'
}

/** Says where a timer of real time is used: `setTimeout`, by whatever name, and `AbortSignal.timeout`. */
const timers = (tokens: readonly Token[]): Sleeps => {
  const names = namesOf(tokens, 'setTimeout')
  return (at) => {
    if (isText(tokens, at, 'AbortSignal', '.', 'timeout')) return true
    if (isText(tokens, at, 'shortSleep', '(')) return tokens[closing(tokens, at + 1) + 1]?.text === '('
    const [before, word, next] = [tokens[at - 1]?.text ?? '', tokens[at], tokens[at + 1]?.text ?? '']
    if (word?.kind !== 'word' || !names.includes(word.text)) return false
    // `t.setTimeout(...)` is the limit of a test; a key such as `setTimeout:` is of a fake; `setTimeout as delay` is an import
    return /^[(,)}\]]$/.test(next) && !isDot(tokens[at - 1]) && before !== 'as' && !isImported(tokens, at)
  }
}

/** Names that a file has for this function of Node. */
const namesOf = (tokens: readonly Token[], name: string): string[] => [
  name,
  ...tokens.flatMap((_, at) => (isText(tokens, at, name, 'as') ? (tokens[at + 2]?.text ?? []) : []))
]

/** Within the braces of `import { ... } from`. */
const isImported = (tokens: readonly Token[], at: number): boolean => {
  const open = opening(tokens, at)
  return tokens[open]?.text === '{' && tokens[open - 1]?.text === 'import'
}

/**
 * A loop that waits again and again, for a turn, an event or a time: `while (!x) await ...`, `while (!(await x()));`, or one that sleeps
 * in its block. A `for` that counts has a bound, or is no wait: others have their turns while it counts them.
 */
const isWait = (tokens: readonly Token[], at: number, sleeps: Sleeps): boolean => {
  const loop = loopAt(tokens, at)
  if (loop === undefined) return false
  const { header, body } = loop
  const has = (text: RegExp): boolean => tokens.slice(...header).some((token) => text.test(token.text))
  if (tokens[at]?.text === 'for' && has(/^(\+\+|\+=)$/)) return false
  if (waits(tokens, header, sleeps) || awaitsCall(tokens, body)) return true
  if (tokens[body]?.text === '{') return waits(tokens, [body, closing(tokens, body)], sleeps)
  return tokens[body]?.text === ';' && tokens[header[0]]?.text === '!' && has(/^await$/)
}

type Span = [from: number, to: number]

/** What says how long a loop goes on, and where its body begins. Undefined if no loop begins here, or one that goes through things. */
const loopAt = (tokens: readonly Token[], at: number): { header: Span; body: number } | undefined => {
  const word = tokens[at]?.text ?? ''
  if (!['while', 'for', 'do'].includes(word) || isDot(tokens[at - 1])) return undefined
  if (word === 'do') return { header: [at, at], body: at + 1 }
  if (tokens[at + 1]?.text !== '(' || (word === 'for' && tokens[at + 2]?.text !== ';')) return undefined
  const end = closing(tokens, at + 1)
  return { header: [at + 2, end], body: end + 1 }
}

const waits = (tokens: readonly Token[], [from, to]: Span, sleeps: Sleeps): boolean => {
  const turns = namesOf(tokens, 'setImmediate')
  return tokens.slice(from, to).some(({ text }, index) => sleeps(from + index) || turns.includes(text))
}

/** `await x.y()`, `await new X()`. Not `await x.y`: that is one promise. */
const awaitsCall = (tokens: readonly Token[], at: number): boolean => {
  if (tokens[at]?.text !== 'await') return false
  let end = at + 2
  while (isDot(tokens[end])) end += 2
  return tokens[at + 1]?.text === 'new' || tokens[end]?.text === '('
}

/** `performance.now()` and `process.hrtime`, but for a clock that is passed on; and a span from or to `Date.now()`. */
const isMeasure = (tokens: readonly Token[], at: number): boolean => {
  const before = tokens[at - 1]?.text ?? ''
  if (isText(tokens, at, 'performance', '.', 'now', '(') || isText(tokens, at, 'process', '.', 'hrtime')) {
    return before !== '=>'
  }
  if (!isText(tokens, at, 'Date', '.', 'now', '(', ')')) return false
  return before === '-' || (tokens[at + 5]?.text === '-' && isIn(tokens, at, /^t\.ok$/))
}

/** `t.test('...', { timeout: 20_000 }, ...)` */
const isTimeOut = (tokens: readonly Token[], at: number): boolean => {
  if (!isText(tokens, at, 'timeout', ':')) return false
  const call = opening(tokens, opening(tokens, at))
  return isText(tokens, call - 3, 't', '.', 'test', '(')
}

/** A function by one of these names, which is declared here. */
const isOwnUntil = (tokens: readonly Token[], at: number): boolean => {
  if (!/^(until|eventually|waitFor|waitUntil)$/.test(tokens[at]?.text ?? '')) return false
  const before = tokens[at - 1]?.text
  if (before === 'function') return true
  return before === 'const' && isText(tokens, at + 1, '=') && /^(async|\(|<)$/.test(tokens[at + 2]?.text ?? '')
}

/** True if one of the calls around this token is of that: `Promise.race`, `t.ok`. */
const isIn = (tokens: readonly Token[], at: number, called: RegExp): boolean => {
  for (let open = opening(tokens, at); open >= 0; open = opening(tokens, open)) {
    const name = tokens.slice(Math.max(0, open - 3), open).map(({ text }) => text)
    if (tokens[open]?.text === '(' && called.test(name.join(''))) return true
  }
  return false
}

const isText = (tokens: readonly Token[], at: number, ...texts: string[]): boolean =>
  texts.every((text, index) => tokens[at + index]?.text === text)
