import type { Command } from 'commander'
import { position } from '../completion/position.ts'

/**
 * The command line as commander takes it, if it asks for help in another way than `COMMAND --help`: `help COMMAND...`, or
 * `COMMAND help`. Help for a command that does not exist is the command itself: then commander says so, and suggests the nearest.
 */
export const helpWords = (words: readonly string[], program: Command): readonly string[] => {
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
