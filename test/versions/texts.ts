import { rulesOfTexts } from './rules.ts'
import type { Sources } from './sources.ts'

/** Shortest text that says something by itself. */
const shortest = 12

/** literalsIn gives the parts of a pattern that are plain text, and long enough to be looked for. */
export const literalsIn = ({ source }: RegExp): string[] =>
  source
    // classes and escapes of classes are no text; groups and choices part it
    .replace(/\[(?:\\.|[^\]\\])*\]|\\[sSdDwWbB]|\(\?[:=!]/g, '\u0000')
    .replace(/(?<!\\)[()|.+*?^$]|(?<!\\)\{[\d,]+\}/g, '\u0000')
    .replace(/\\(.)/g, '$1')
    .split('\u0000')
    // Go puts values and quotes between the words
    .flatMap((text) => text.split(/"|\berr=|\berror=|: $/))
    .map((text) => text.trim())
    .filter((text) => text.length >= shortest && /[a-z]{4}/.test(text))

/**
 * Texts of the rules that are in the first sources, and not in the other ones: what a rule looks for is not printed there. A rule may have
 * another text for another version.
 */
export const goneTexts = (present: Sources, other: Sources): string[] =>
  rulesOfTexts.flatMap(({ rule, pattern }) => {
    const texts = literalsIn(pattern)
    const gone = texts.filter((text) => present.has(text) && !other.has(text))
    const instead = texts.filter((text) => other.has(text) && !present.has(text))
    return gone.slice(instead.length).map((text) => `${other.version}: the text of ${rule} is gone: ${text}`)
  })

/** Texts of the rules that these sources have. The others are of containerd, of the network plugins or of Go. */
export const textsOf = ({ has }: Pick<Sources, 'has'>): { rule: string; text: string }[] =>
  rulesOfTexts.flatMap(({ rule, pattern }) =>
    literalsIn(pattern).flatMap((text) => (has(text) ? [{ rule, text }] : []))
  )
