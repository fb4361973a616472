import { isLabelKey, isLabelValue, type Labels } from '@joinery/protocol'

/** One condition of a label selector. A machine without the key fits `notin` and `absent`. */
export interface Requirement {
  key: string
  operator: 'in' | 'notin' | 'exists' | 'absent'
  /** Values of `in` and `notin`. */
  values: readonly string[]
}

/** A label selector that cannot be read, in plain words. */
export class WrongSelector extends Error {
  override readonly name = 'WrongSelector'
}

/** Most characters of a selector. */
const longest = 4096

/** Words, signs and lists of a selector, each with the white space before it. */
const tokens = /\s*(?:(?<sign>==|!=|[=!,()])|(?<word>[^\s=!,()]+)|(?<end>$))/y

/**
 * Reads a label selector in kubectl's grammar, by equality (`a=b`, `a==b`, `a!=b`) and by sets (`a in (b,c)`, `a notin (b)`, `a`,
 * `!a`), joined by commas. Throws `WrongSelector`.
 */
export const parseLabelSelector = (text: string): readonly Requirement[] => {
  if (text.length > longest) throw new WrongSelector(`it is longer than ${longest} characters`)
  const words = tokensOf(text)
  const requirements: Requirement[] = []
  do requirements.push(readRequirement(words))
  while (words.take(','))
  const rest = words.peek()
  if (rest !== undefined) throw new WrongSelector(`a comma is missing before ${rest}`)
  return requirements
}

/** The selector as a person types it. */
export const selectorText = (requirements: readonly Requirement[]): string =>
  requirements
    .map(({ key, operator, values }) => {
      if (operator === 'exists') return key
      return operator === 'absent' ? `!${key}` : `${key} ${operator} (${values.join(',')})`
    })
    .join(',')

/** True if the labels fit every condition. */
export const fitsLabels = (requirements: readonly Requirement[], labels: Labels): boolean =>
  requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    return fits[operator](value, values)
  })

const fits: Record<Requirement['operator'], (value: string | undefined, values: readonly string[]) => boolean> = {
  exists: (value) => value !== undefined,
  absent: (value) => value === undefined,
  in: (value, values) => value !== undefined && values.includes(value),
  notin: (value, values) => value === undefined || !values.includes(value)
}

interface Words {
  peek(): string | undefined
  /** Takes the next word if it is this one. */
  take(sign: string): boolean
  /** The next word. Empty if a sign follows, or nothing. */
  word(): string
}

const tokensOf = (text: string): Words => {
  const all = [...text.matchAll(new RegExp(tokens, 'gy'))].map(({ groups = {} }) => groups)
  let at = 0
  const peek = (): string | undefined => all[at]?.sign ?? all[at]?.word
  return {
    peek,
    take: (sign) => {
      if (peek() !== sign) return false
      at += 1
      return true
    },
    word: () => {
      const word = all[at]?.word
      if (word === undefined) return ''
      at += 1
      return word
    }
  }
}

const readRequirement = (words: Words): Requirement => {
  const isAbsent = words.take('!')
  const key = words.word()
  if (key === '') throw new WrongSelector(`the key of a label is missing${before(words)}`)
  if (!isLabelKey(key)) throw new WrongSelector(`${key} is no key of a label`)
  if (isAbsent) return { key, operator: 'absent', values: [] }
  if (words.take('=') || words.take('==')) return { key, operator: 'in', values: [readValue(words)] }
  if (words.take('!=')) return { key, operator: 'notin', values: [readValue(words)] }
  const operator = words.peek()
  if (operator !== 'in' && operator !== 'notin') return { key, operator: 'exists', values: [] }
  words.word()
  return { key, operator, values: readList(words, operator) }
}

const before = (words: Words): string => {
  const next = words.peek()
  return next === undefined ? '' : ` before ${next}`
}

const readList = (words: Words, operator: string): string[] => {
  if (!words.take('(')) throw new WrongSelector(`a list in brackets is missing after ${operator}, such as (a,b)`)
  const values: string[] = []
  do values.push(readValue(words))
  while (words.take(','))
  if (!words.take(')')) throw new WrongSelector(`the closing bracket of the list after ${operator} is missing`)
  return values
}

const readValue = (words: Words): string => {
  const value = words.word()
  if (isLabelValue(value)) return value
  throw new WrongSelector(`${value} is no value of a label`)
}
