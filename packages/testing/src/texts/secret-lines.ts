import { readFileSync } from 'node:fs'

/** A line of the corpus of secrets. */
export interface SecretLine {
  /** The line as a program writes it. */
  text: string
  /** Parts of it that nobody may read. */
  secrets: readonly string[]
  /** Parts of it that must stay. Without secrets it is the whole text. */
  kept: readonly string[]
}

const part = (marked: string, sign: RegExp): string[] => [...marked.matchAll(sign)].map(([, inside = '']) => inside)

/** All lines of the corpus of secrets, `secrets.txt`: forms that must be masked, and lines of programs that must stay as they are. */
export const secretLines: readonly SecretLine[] = readFileSync(`${import.meta.dirname}/secrets.txt`, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const marked = line.replaceAll('¦', '').replaceAll('⏎', '\n')
    const text = marked.replace(/[⟦⟧⟪⟫]/g, '')
    const secrets = part(marked, /⟦(.*?)⟧/gs)
    return { text, secrets, kept: secrets.length === 0 ? [text] : part(marked, /⟪(.*?)⟫/gs) }
  })

/** The words of the secrets of a line that can still be read in a text, if they are long enough to be told from others. */
export const leaks = ({ secrets, kept }: SecretLine, shown: string): string[] =>
  secrets
    .flatMap((secret) => secret.split(/[^A-Za-z0-9]+/))
    .filter((word) => word.length >= 3 && shown.includes(word) && !kept.some((one) => one.includes(word)))
