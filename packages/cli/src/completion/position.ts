import type { Command, Option } from 'commander'

/** Position of the cursor on a command line. */
export interface Position {
  command: Command
  /** Arguments of `command` before the cursor. */
  given: string[]
  /** The option whose value is wanted at the cursor. */
  option: Option | undefined
  /** Values of options before the cursor, by the option's name in code. */
  values: Map<string, string>
}

/** Reads the whole words before the cursor as the parser would, and skips words that it does not know. */
export const position = (program: Command, words: readonly string[]): Position => {
  let command = program
  let option: Option | undefined
  const given: string[] = []
  const values = new Map<string, string>()
  for (const word of words.flatMap(parts)) {
    if (option !== undefined) {
      values.set(option.attributeName(), word)
      option = undefined
    } else if (word.startsWith('-')) {
      option = optionsOf(command).find(({ short, long, required }) => required && (word === short || word === long))
    } else {
      const sub = given.length === 0 ? command.commands.find((one) => one.name() === word) : undefined
      if (sub === undefined) given.push(word)
      else command = sub
    }
  }
  return { command, given, option, values }
}

/** `--socket=/path` is two words to us, as it is to the parser; bash hands it over as three. */
const parts = (word: string): string[] => {
  if (word === '=') return []
  return word.startsWith('--') ? word.split(/=(.*)/s, 2) : [word]
}

/** Options that are allowed at this place, the command's own ones first. */
export const optionsOf = (command: Command): Option[] => [
  ...command.createHelp().visibleOptions(command),
  ...(command.parent === null ? [] : optionsOf(command.parent))
]
