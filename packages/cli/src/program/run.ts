import { CommandEnd } from '@joinery/host/command-end'
import { failureText, systemFailure } from '@joinery/host/text/failure'
import { type Command, CommanderError } from 'commander'
import { complete, completeWord } from '../completion/complete.ts'
import { TemplateFault } from '../template/template-fault.ts'
import { exitCodes, ProblemAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { helpWords } from './help-words.ts'
import { buildProgram } from './program.ts'

/** Runs one command line (without the program's name) and gives its exit code. Throws only unforeseen errors. */
export const run = async (words: readonly string[], terminal: Terminal): Promise<number> => {
  try {
    const program = buildProgram(terminal)
    if (words[0] === completeWord) await complete(program, words.slice(1), terminal)
    else await program.parseAsync(asked(words, program), { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return explain(error, terminal)
  }
}

/** Prints the error and its remedy. If there are several errors, the first one gives the exit code. */
const explain = (error: unknown, terminal: Terminal): number => {
  if (error instanceof AggregateError) {
    const [first = exitCodes.failure] = error.errors.map((one) => explain(one, terminal))
    return first
  }
  // commander has already printed the mistake, or the help
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (!(error instanceof CommandEnd)) {
    const failure = systemFailure(error)
    if (failure === undefined) throw error
    terminal.err(failureText(failure))
    return exitCodes.failure
  }
  const code = error instanceof ProblemAnswer ? ` (${error.code})` : ''
  terminal.err(failureText({ cause: `${error.message}${code}`, remedy: error.remedy }))
  if (error instanceof TemplateFault) terminal.err(error.pointer)
  return error.exitCode
}

/** Names that other tools have for a command, each with the command here. */
const called: Readonly<Record<string, string>> = {
  accept: 'joinery approve NAME',
  create: 'joinery code create',
  delete: 'joinery remove NAME, or joinery code revoke ID',
  deny: 'joinery reject NAME --reason REASON',
  describe: 'joinery show NAME',
  get: 'joinery list, joinery nodes, or joinery show NAME',
  ls: 'joinery list',
  rm: 'joinery remove NAME, or joinery code revoke ID',
  version: 'joinery --version'
}

/** Options of every command whose next word is their value. */
const withValue = ['--socket', '--kubeconfig', '--context', '--accept-pin']

/** The command line as commander takes it. Throws if the command is another tool's. */
const asked = (typed: readonly string[], program: Command): readonly string[] => {
  const words = helpWords(typed, program)
  const at = words.findIndex((word, index) => !word.startsWith('-') && !withValue.includes(words[index - 1] ?? ''))
  const verb = words[at] ?? ''
  if (!Object.hasOwn(called, verb) || program.commands.some((command) => command.name() === verb)) return words
  throw new CommandEnd(exitCodes.usage, `unknown command '${verb}'`, called[verb])
}
