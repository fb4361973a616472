import { JSONPathEnvironment, JSONPathError, type JSONPathQuery, type JSONValue, jsonpath } from 'json-p3'
import type { Budget } from './budget.ts'
import { type Part, scanPath } from './scan-path.ts'
import { TemplateFault, type Typed } from './template-fault.ts'

/** The values that a path finds in a document, in its order. A path that finds nothing gives none. */
export type Path = (document: unknown, budget: Budget) => unknown[]

/** The language of brackets: RFC 9535 without its functions, because a regular expression may need no end. */
const environment = new JSONPathEnvironment()
environment.functionRegister.clear()

/** Reads a path that begins at an offset, and gives the offset behind it. Throws the mistake in it. */
export const readPath = (typed: Typed, from: number): { path: Path; end: number } => {
  const { parts, end } = scanPath(typed, from)
  return { path: pathOf(parts, typed), end }
}

/**
 * Reads a part of a text that is one path. As in kubectl's `--sort-by` and custom columns, braces around it and the dot at its
 * beginning may be missing.
 */
export const readRelaxedPath = (typed: Typed, from = 0, until = typed.text.length): Path => {
  const [begin, last] = withinBraces(typed, from, until)
  const whole = { ...typed, text: typed.text.slice(0, last) }
  if (begin >= last) throw new TemplateFault(whole, 'a path is missing', last)
  const { parts, end } = scanPath(whole, begin, 'relaxed')
  if (end < last) throw new TemplateFault(whole, 'the path ends here, but the text goes on', end)
  return pathOf(parts, whole)
}

/** The offsets of the text without spaces around it, and without a pair of braces. */
const withinBraces = ({ text }: Typed, from: number, until: number): [begin: number, end: number] => {
  const part = text.slice(from, until)
  const begin = from + (part.length - part.trimStart().length)
  const end = from + part.trimEnd().length
  return text[begin] === '{' && text[end - 1] === '}' ? [begin + 1, end - 1] : [begin, end]
}

const pathOf = (parts: readonly Part[], typed: Typed): Path => {
  const steps = parts.map((part) => stepOf(part, typed))
  return (document, budget) =>
    steps.reduce((values, step) => values.flatMap((value) => step(value, budget)), [document])
}

type Step = (value: unknown, budget: Budget) => unknown[]

const stepOf = (part: Part, typed: Typed): Step => {
  switch (part.kind) {
    case 'descend':
      return descendants
    case 'field':
      return fieldOf(part.name)
    case 'all':
      return (value, { spend }) => {
        const children = childrenOf(value)
        spend(children.length + 1)
        return children
      }
    case 'brackets':
      return select(part, typed)
  }
}

/** The field of an object. As in kubectl, `.items.name` of a list is nothing: a list has no names. */
const fieldOf =
  (name: string): Step =>
  (value, { spend }) => {
    spend(1)
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return []
    return [(value as Record<string, unknown>)[name]]
  }

const childrenOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : []

/** The value and all that lies in it, each value before those in it. */
const descendants: Step = (value, budget) => {
  const found: unknown[] = []
  const visit = (one: unknown): void => {
    budget.spend(1)
    found.push(one)
    for (const child of childrenOf(one)) visit(child)
  }
  visit(value)
  return found
}

const select = ({ text, at }: Extract<Part, { kind: 'brackets' }>, typed: Typed): Step => {
  const query = compile(text, at, typed)
  return (value, { spend }) => {
    // no selector of the text looks at more than the children
    spend(text.length * (childrenOf(value).length + 1))
    return query.query(value as JSONValue).values()
  }
}

/** Longest text in brackets: what reads it calls itself for each bracket in it. */
const longestBrackets = 1000

const compile = (text: string, at: number, typed: Typed): JSONPathQuery => {
  if (text.length > longestBrackets) {
    throw new TemplateFault(typed, `brackets hold at most ${longestBrackets} characters`, at)
  }
  try {
    const query = environment.compile(`$${text}`)
    for (const { selectors } of query.segments) {
      for (const selector of selectors) {
        if (selector instanceof jsonpath.selectors.FilterSelector) requireOfItem(selector.expression, at, typed)
      }
    }
    return query
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error
    // without its own quotation of the text
    const message = error.message.replace(/ \('.*$/s, '')
    throw new TemplateFault(typed, message, Math.min(at + Math.max(error.token.index - 1, 0), typed.text.length))
  }
}

/**
 * Throws if a filter asks for more than one value of each item, or for something else than the item: what such a filter costs has
 * no bound.
 */
const requireOfItem = (expression: jsonpath.expressions.FilterExpression, at: number, typed: Typed): void => {
  const { FilterQuery, InfixExpression, LogicalExpression, PrefixExpression, RootQuery } = jsonpath.expressions
  const within = (one: jsonpath.expressions.FilterExpression): void => requireOfItem(one, at, typed)
  if (expression instanceof LogicalExpression) within(expression.expression)
  else if (expression instanceof PrefixExpression) within(expression.right)
  else if (expression instanceof InfixExpression) {
    within(expression.left)
    within(expression.right)
  } else if (
    expression instanceof RootQuery ||
    (expression instanceof FilterQuery && !expression.path.singularQuery())
  ) {
    const message = 'a filter may ask only for one value of each item, such as @.state'
    throw new TemplateFault(typed, message, at + Math.max(expression.token.index - 1, 0))
  }
}
