import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandEnd } from '@joinery/host/command-end'
import { parseCode } from '@joinery/protocol'
import { exitCodes } from '../program/exit-codes.ts'

export interface CodeInput {
  stdin: NodeJS.ReadStream
  stderr: NodeJS.WriteStream
}

/** The code in its canonical form, from a file or (`-`) from standard input. Throws a usage error that never holds it. */
export const givenCode = async (codeFile: string, { stdin, stderr }: CodeInput): Promise<string> => {
  if (typeof parseCode(codeFile) === 'string') {
    throw new CommandEnd(
      exitCodes.usage,
      '--code-file got the code itself, and others may have seen it',
      'revoke it, and make another one'
    )
  }
  const typed = await readTyped(codeFile, { stdin, stderr })
  const code = parseCode(typed ?? '')
  if (typed === undefined) throw new CommandEnd(exitCodes.usage, 'no code was given')
  if (typeof code === 'string') return code
  throw new CommandEnd(exitCodes.usage, `the code is mistyped: ${code.problem}`)
}

const readTyped = (codeFile: string, { stdin, stderr }: CodeInput): Promise<string | undefined> => {
  if (codeFile !== '-') return readLine(createReadStream(codeFile)).catch(unreadable)
  return stdin.isTTY ? readHiddenLine(stdin, stderr, 'Code (it is not shown): ') : readLine(stdin)
}

/** Ends the command without the file's name, because the name may be a mistyped code. */
const unreadable = (error: NodeJS.ErrnoException): never => {
  throw new CommandEnd(exitCodes.usage, `the file of the code cannot be read: ${error.code ?? 'unknown'}`)
}

/** Longest input, in characters. No code is longer, and a whole file given by mistake must not fill the memory. */
const limit = 4096

/** The first line of a stream. Undefined if it is longer than any code. */
export const readLine = async (input: AsyncIterable<Uint8Array | string>): Promise<string | undefined> => {
  let text = ''
  for await (const chunk of input) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
    const end = text.indexOf('\n')
    if (end >= 0 && end <= limit) return text.slice(0, end)
    if (text.length > limit) return undefined
  }
  return text
}

/** A line that a person types, which nobody sees. Undefined if they end it by Ctrl-C or Ctrl-D. */
export const readHiddenLine = async (
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  prompt: string
): Promise<string | undefined> => {
  output.write(prompt)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // a terminal of its own: it switches the echo off, and knows backspace
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  const ended = new AbortController()
  lines.once('close', () => ended.abort())
  try {
    const [line] = (await once(lines, 'line', { signal: ended.signal })) as [string]
    return line
  } catch {
    return undefined
  } finally {
    lines.close()
    output.write('\n')
  }
}
