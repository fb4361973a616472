import type { Secrecy } from './secret-name.ts'
import { type Place, withoutEnd } from './secret-value.ts'

/** A value in a text. */
export interface Value {
  /** Place of its first character. */
  from: number
  /** The words by which it is judged. */
  words: readonly string[]
  place: Place
  /** Finds the place behind its last character. */
  end(): number
}

/** The text before a value. `at` is the place of its name. */
interface Before {
  name: string
  sign: string
  at: number
  secrecy: Secrecy
}

/** Characters of a value by which it is judged. A hostile text must not be read to its end for each name in it. */
const judged = 500

/** The value that begins here. It ends where its quotes end, or its list, its line, its word: whichever it is written with. */
export const valueAt = (text: string, at: number, before: Before): Value => {
  const { name, sign } = before
  const isSentence = /:[ \t]+$|^[ \t]+$/.test(sign)
  const place = { quoted: false, isSentence, mayBeWord: isSentence && /^[A-Za-z]+$/.test(name) }
  const opener = match(/\\*["'`]/y, text, at)
  if (opener !== undefined) {
    const from = at + opener.length
    const to = closeOf(text, from, opener)
    const words = [credentialOf(name, text.slice(from, to))]
    return { from, words, place: { ...place, quoted: true }, end: () => to }
  }
  if (text[at] === '{') return { from: at, words: [], place, end: () => at }
  if (text[at] === '[') return listAt(text, at, place)
  const block = match(/(?:[|>][+-]?\d?[ \t]*)?\n/y, text, at)
  if (block !== undefined) return blockAt(text, at + block.length, before, { place, isText: block.length > 1 })
  return bareAt(text, at, before, place)
}

/** A value without quotes. */
const bareAt = (text: string, at: number, { name, sign, at: begin, secrecy }: Before, place: Place): Value => {
  const before = text[begin - 1] ?? ''
  const kind = /^\\*["']/.test(sign) ? bare.inJson : /[?&]/.test(before) ? bare.inQuery : bare.alone
  const word = withoutEnd(match(kind, text, at) ?? '', ')]},;')
  const beginsLine = /(?:^|\n)[ \t]*(?:- )?(?:export )?$/.test(text.slice(Math.max(0, begin - 40), begin))
  const rest = text.slice(at, at + judged).split('\n', 1)[0] ?? ''
  const isHeading = isHeader(name) && (/^[A-Z]/.test(name) || beginsLine || /["'`]/.test(before) || scheme.test(rest))
  // a variable in quotes with its name, as systemd has it
  const isVariable = /["']/.test(before) && sign === '=' && /^[A-Z][A-Z0-9_]*$/.test(name)
  // a header has more words than one, and so may a phrase in a file of fields
  if (isHeading || isVariable || (secrecy === 'certain' && beginsLine && /[:=][ \t]+$/.test(sign))) {
    const end = () =>
      at + withoutEnd(text.slice(at, ends(text, at, /["'`]/.test(before) ? before : '\n')), ' \t\r\\').length
    const words = [credentialOf(name, rest)]
    return { from: at, words, place: { ...place, mayBeWord: false }, end }
  }
  const isField = before === '{' || (beginsLine && rest.trimEnd() === word)
  return {
    from: at,
    words: [word],
    place: { ...place, mayBeWord: place.mayBeWord && !isField },
    end: () => at + word.length
  }
}

const bare = {
  inJson: /[^\s"'`,}\]\\]+/y,
  inQuery: /[^\s"'`&#<>\\]+/y,
  alone: /(?:[^\s"'`\\]|\\(?!\\{0,8}["'`]))+/y
}

const isHeader = (name: string): boolean => /(?:authorization|cookie)$/i.test(name)

/** Schemes of HTTP whose names are ordinary words. */
const scheme = /^(?:basic|bearer|token|key|digest|negotiate|ntlm)\s+/i

/** A header's value without its scheme: `Authorization: token ...` says that it is a token. */
const credentialOf = (name: string, value: string): string => (isHeader(name) ? value.replace(scheme, '') : value)

/** A list between brackets. */
const listAt = (text: string, at: number, place: Place): Value => {
  const inside = /\[(?:"(?:[^"\\\n]|\\.)*"|[^\]\n"])*/y
  const words = (match(inside, text.slice(at, at + judged), 0) ?? '').slice(1).split(/[\s,"']+/)
  return {
    from: at + 1,
    words,
    place: { ...place, quoted: true },
    end: () => at + (match(inside, text, at) ?? '[').length
  }
}

/** A line of a map in YAML or JSON. */
const ofMap = /^\s*(?:- )?(?:"[^"]*"|'[^']*'|[\w./-]+):(?:\s|$)/

/** Lines below a key of YAML: all of a text that are further in, the items of a list, or a value that is no map. */
const blockAt = (
  text: string,
  from: number,
  { at }: Before,
  { place, isText }: { place: Place; isText: boolean }
): Value => {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const [indent = ''] = /^[ \t]*/.exec(text.slice(start, at)) ?? []
  const isInside = (line: string): boolean =>
    isText
      ? line.startsWith(`${indent} `)
      : line.startsWith(indent) &&
        !ofMap.test(line) &&
        (/^\s*- /.test(line) || /^\s+["'\w]/.test(line.slice(indent.length)))
  const endIn = (part: string, begin: number): number => {
    let to = begin
    while (to < part.length && isInside(part.slice(to, to + 200))) to = ends(part, to, '\n') + 1
    return begin + part.slice(begin, to).trimEnd().length
  }
  const seen = text.slice(from, from + judged)
  const inside = seen.slice(0, endIn(seen, 0))
  const words = inside.trim() === '' ? [] : inside.trim().split(/\s+(?:- )?/)
  return { from, words, place: { ...place, quoted: true }, end: () => endIn(text, from) }
}

/** Next place of this character, or the end of the line or the text. */
const ends = (text: string, from: number, character: string): number => {
  const [line, next] = ['\n', character].map((one) => text.indexOf(one, from))
  return Math.min(...[line ?? -1, next ?? -1].map((place) => (place === -1 ? text.length : place)))
}

/** The end of what was opened by a quote, with as many backslashes before it as the text is quoted deep. At most the line's end. */
const closeOf = (text: string, from: number, opener: string): number => {
  const quote = opener.at(-1)
  const depth = opener.length - 1
  let backslashes = 0
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\n') return at
    if (character === quote && (depth === 0 ? backslashes % 2 === 0 : backslashes <= depth))
      return at - Math.min(backslashes, depth)
    backslashes = character === '\\' ? backslashes + 1 : 0
  }
  return text.length
}

/** The match of a sticky expression at this place. */
const match = (sticky: RegExp, text: string, at: number): string | undefined => {
  sticky.lastIndex = at
  return sticky.exec(text)?.[0]
}
