import { CommandEnd } from '@joinery/host/command-end'
import { failureText, systemFailure } from '@joinery/host/text/failure'
import { type Command, CommanderError } from 'commander'
import { complete, completeWord } from '../completion/complete.ts'
import { position } from '../completion/position.ts'
import { aroundOf, namedBy } from '../session/session.ts'
import { decideWay, tell, usualWay } from '../session/told.ts'
import { TemplateFault } from '../template/template-fault.ts'
import { CodedEnd, exitCodes } from '../terminal/errors.ts'
import type { Surroundings, Terminal } from '../terminal/terminal.ts'
import { aliases, spelledOut } from './aliases.ts'
import { buildProgram } from './program.ts'

/** Runs one command line (without the program's name) and gives its exit code. Throws only unforeseen errors. */
export const run = async (words: readonly string[], surroundings: Surroundings): Promise<number> => {
  let way = usualWay
  const terminal: Terminal = { ...surroundings, told: (text) => tell(text, way, verbs) }
  const program = buildProgram(terminal)
  const verbs = new Set([...program.commands.map((command) => command.name()), ...Object.keys(aliases)])
  program.hook('preAction', (_, command) => {
    way = decideWay(namedBy(command), aroundOf(terminal), command.parent?.name() === 'cluster')
  })
  try {
    if (words[0] === completeWord) await complete(program, completed(words.slice(1)), terminal)
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
  const code = error instanceof CodedEnd ? ` (${error.code})` : ''
  terminal.err(failureText({ cause: `${error.message}${code}`, remedy: error.remedy && terminal.told(error.remedy) }))
  if (error instanceof TemplateFault) terminal.err(error.pointer)
  return error.exitCode
}

/** Names that other tools have for a command, each with the command here. */
const called: Readonly<Record<string, string>> = {
  accept: 'joinery approve NAME',
  create: 'joinery code create',
  deny: 'joinery reject NAME --reason REASON',
  ls: 'joinery list',
  rm: 'joinery remove NAME, or joinery code revoke ID'
}

/** Options of every command whose next word is their value. */
const withValue = ['--socket', '--kubeconfig', '--context', '--pin']

/** Place of the first word that is no option of every command. */
const verbAt = (words: readonly string[]): number =>
  words.findIndex((word, index) => !word.startsWith('-') && !withValue.includes(words[index - 1] ?? ''))

/** The command line as commander takes it, with an alias spelled out. Throws if the command is another tool's. */
const asked = (typed: readonly string[], program: Command): readonly string[] => {
  const words = helpWords(typed, program)
  const at = verbAt(words)
  const verb = words[at] ?? ''
  if (Object.hasOwn(aliases, verb)) return asksForHelp(words) ? words : spelledOut(words, at)
  if (!Object.hasOwn(called, verb) || program.commands.some((command) => command.name() === verb)) return words
  throw new CommandEnd(exitCodes.usage, `unknown command '${verb}'`, called[verb])
}

const asksForHelp = (words: readonly string[]): boolean => words.includes('--help') || words.includes('-h')

/**
 * The words of a line that is being completed, with an alias spelled out. Behind `get` alone a kind is wanted, and its own command
 * has the choices.
 */
const completed = (words: readonly string[]): readonly string[] => {
  const at = verbAt(words)
  const last = words.at(-1) ?? ''
  const isKind = words[at] === 'get' && at === words.length - 2 && !last.startsWith('-')
  return at < 0 || at === words.length - 1 || isKind ? words : [...spelledOut(words.slice(0, -1), at), last]
}

/**
 * The command line as commander takes it, if it asks for help in another way than `COMMAND --help`: `help COMMAND...`, or
 * `COMMAND help`. Help for a command that does not exist is the command itself: then commander says so, and suggests the nearest.
 */
const helpWords = (words: readonly string[], program: Command): readonly string[] => {
  const { command, given } = position(program, words)
  const [first, ...rest] = given
  if (command.commands.length === 0) return isLastWord(words, command) ? [...words.slice(0, -1), '--help'] : words
  const asks = words.some((word) => word === '--help' || word === '-h')
  if (first === 'help' && rest.length > 0) return helpOf([...pathOf(command), ...rest], program)
  return asks && first !== undefined && first !== 'help' ? helpOf([...pathOf(command), ...given], program) : words
}

/** True for `approve help`. A machine that is called help is `enrolment/help`, and a file `./help`. */
const isLastWord = (words: readonly string[], command: Command): boolean =>
  words.at(-1) === 'help' && [command.name(), ...command.aliases()].includes(words.at(-2) ?? '')

const helpOf = (path: readonly string[], program: Command): readonly string[] => {
  const { command, given } = position(program, path)
  return command.commands.length > 0 && given.length > 0 ? path : [...pathOf(command), '--help']
}

/** Names from the program down to the command, without the program's. */
const pathOf = (command: Command): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()]
