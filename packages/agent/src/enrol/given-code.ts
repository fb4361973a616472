import { createReadStream } from 'node:fs'
import { CommandEnd } from '@joinery/host/command-end'
import { parseCode } from '@joinery/protocol'
import { exitCodes } from '../program/exit-codes.ts'
import { readHiddenLine, readLine } from './read-line.ts'

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
