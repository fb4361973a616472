import { shellWord } from '@joinery/host/text/shell-word'
import { type Cause, type CauseCode, escapeText } from '@joinery/protocol'

const textAtMost = 256
const lineAtMost = 512
const linesAtMost = 6
const remediesAtMost = 4

interface More {
  since?: Date | undefined
  evidence?: readonly (string | undefined)[]
  remedy?: readonly string[]
}

/** A cause that the cluster shows. Texts are cut to what the schema lets in. A command that is too long is left out. */
export const causeOf = (code: CauseCode, text: string, { since, evidence = [], remedy = [] }: More = {}): Cause => ({
  code,
  from: 'cluster',
  text: line(text, textAtMost),
  ...(since !== undefined && { since: since.toISOString() }),
  evidence: evidence
    .filter((one) => one !== undefined && one !== '')
    .map((one) => line(one ?? '', lineAtMost))
    .slice(0, linesAtMost),
  // a name that others choose must not begin a line of its own
  remedy: remedy.filter((one) => one.length <= textAtMost && /^[\x20-\x7e]+$/.test(one)).slice(0, remediesAtMost)
})

/** The text as one line of at most so many characters. What others have written has no control characters any more. */
export const line = (text: string, most: number): string => {
  const plain = escapeText(
    text
      .slice(0, 2 * most)
      .replace(/\s+/g, ' ')
      .trim()
  )
  return plain.length <= most ? plain : `${plain.slice(0, most - 3)}...`
}

/** A command for a shell, of words that may hold anything. */
export const command = (...words: string[]): string => words.map(shellWord).join(' ')

/** Commands that show more about a Node. */
export const describeNode = (name: string): string => command('kubectl', 'describe', 'node', name)

/** The line that sends root to the machine, for what only the machine sees. */
export const onMachine = '# on the machine, as root: joinery-agent why'

/** The length of time in words, as `90 s` or `12 min`. */
export const inWords = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
