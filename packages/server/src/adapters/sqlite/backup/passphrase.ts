import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { StartRefusal } from '../../../core/base/start-refusal.ts'

/** Fewest characters of a passphrase. Anybody who has the file can guess as long as they like. */
const shortest = 16

export interface Terminal {
  input: NodeJS.ReadStream
  output: NodeJS.WritableStream
}

/**
 * Reads the passphrase from the file, whose last line break does not count, or asks for it on the terminal, `twice` if
 * it is a new one. It is never an argument and never in the environment, which others can read. Throws `StartRefusal`.
 */
export const readPassphrase = async (
  file: string | undefined,
  { input, output }: Terminal,
  twice: boolean
): Promise<string> => {
  if (file === undefined && !input.isTTY) {
    throw new StartRefusal('there is no terminal to ask for the passphrase', 'give it with --passphrase-file FILE')
  }
  const passphrase = file === undefined ? await askHidden(input, output, 'Passphrase: ') : await ofFile(file)
  if (passphrase.length < shortest) {
    throw new StartRefusal(
      `the passphrase must have ${shortest} characters or more`,
      'make one: openssl rand -base64 24'
    )
  }
  if (twice && file === undefined && (await askHidden(input, output, 'Again: ')) !== passphrase) {
    throw new StartRefusal('the two passphrases differ')
  }
  return passphrase
}

const ofFile = async (file: string): Promise<string> => {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  } catch (error) {
    throw new StartRefusal(`${file} cannot be read (${error instanceof Error && 'code' in error ? error.code : error})`)
  }
}

/** Asks for a line that the terminal does not show. Ctrl-C ends the command, as everywhere else. */
export const askHidden = (
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  question: string
): Promise<string> =>
  new Promise((resolve, reject) => {
    output.write(question)
    const nowhere = new Writable({ write: (_, __, done) => done() })
    const lines = createInterface({ input, output: nowhere, terminal: true })
    let answer: string | undefined
    lines.once('line', (line) => {
      answer = line
      lines.close()
    })
    lines.once('SIGINT', () => process.exit(130))
    lines.once('close', () => {
      output.write('\n')
      if (answer === undefined) reject(new StartRefusal('no passphrase was given'))
      else resolve(answer)
    })
  })
