import { secrecyOf } from './secret-name.ts'
import { shapes, withoutNoise } from './secret-shapes.ts'
import { isSecret } from './secret-value.ts'
import { valueAt } from './value-at.ts'

/** Blocks in base64 that everybody may read. They stay as they are. */
const publicBlocks =
  /(-----BEGIN (?:CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY)-----[A-Za-z0-9+/=\s\\]*-----END (?:CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY)-----)/

/** Colours of a terminal, also as a quoted text has them: they would stand between a name and its value. */
const colours = /(?:(?!\s)\p{Cc}|\\{1,8}(?:u001b|x1b|033|e)|#033)\[[\d;]{0,16}m/giu

/**
 * The text with `<secret>` in place of everything that looks like a secret: by the name of its key, by its own looks, or by its place in
 * a URL, a header or an argument. It takes a line or a whole document, in time that grows with the length. It
 * has no colours.
 */
export const maskSecrets = (text: string): string =>
  text
    .replace(colours, '')
    .split(publicBlocks)
    .map((part, index) => (index % 2 === 1 ? part : maskPart(part)))
    .join('')

const maskPart = (text: string): string => {
  const shaped = shapes.reduce((masked, [shape, instead]) => masked.replace(shape, instead), text)
  return withoutNoise(fields.reduce(maskFields, shaped))
}

/** The places where a name stands before its value, each up to the value. */
const fields: readonly RegExp[] = [
  // JSON, YAML, the environment, headers, queries, Go's structs and maps; `\n` stands for a line in a quoted text
  /(?<![\w-]|[Pp]ublic )(?:(?<=\\)[nrt](?=\w))?(?<name>[\w-]+)(?<sign>(?:\\*["'`])?[\])]?[ \t]*(?::=|=>|=|:|%3[AaDd])[ \t]*)/g,
  // a flag, with its value behind a space or as the next item of a list
  /(?<![\w-])(?<name>--?[A-Za-z][\w-]*)(?<sign>(?:\\*["'])?,?[ \t]+|\\*["'],)(?=[^\s-])/g,
  // a variable of a container, whose name and value are two fields
  /\bname(?:\\*["'])?\s*[:=]\s*(?:\\*["'])?(?<name>[\w.-]+)(?:\\*["'])?[,\s]*(?:\\*["'])?value(?<sign>(?:\\*["'])?[:=]\s*)/gi
]

const maskFields = (text: string, field: RegExp): string => {
  const kept: string[] = []
  let done = 0
  field.lastIndex = 0
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    const { name = '', sign = '' } = found.groups ?? {}
    const secrecy = secrecyOf(name)
    // what stands before the colon may be a path: `/etc/passwd: no such file`
    if (secrecy === undefined || (text[found.index - 1] === '/' && sign.includes(':'))) continue
    const { from, words, place, end } = valueAt(text, field.lastIndex, { name, sign, at: found.index, secrecy })
    if (!words.some((word) => isSecret(word, secrecy, place))) continue
    kept.push(text.slice(done, from), '<secret>')
    done = end()
    field.lastIndex = done
  }
  return kept.join('') + text.slice(done)
}
