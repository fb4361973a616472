import { shellWord } from '@joinery/host/text/shell-word'
import { roles } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { OfferingOption } from '../session/output-option.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printNext } from './next-command.ts'
import { watchOption } from './watch/watch.ts'

/** Options that filter and page the lists of codes, enrolments and Nodes. */
export interface ListOptions {
  limit?: string
  continue?: string
  sortBy?: string
  watch?: true
  name?: string
  role?: (typeof roles)[number]
}

/** Adds the options. `columns`: those of the table that the command prints. */
export const addListOptions = (command: Command, columns: readonly { header: string }[]): Command =>
  command
    .option('--name <name>', 'only items with this name')
    .addOption(new Option('--role <role>', 'only items with this role').choices(roles))
    .addOption(
      new Option('--limit <count>', 'number of items at most; prints the command for the next page').argParser(
        parseLimit
      )
    )
    .addOption(
      new Option('--continue <token>', 'token that the previous page printed; shows the next page').conflicts('sortBy')
    )
    .addOption(
      new OfferingOption(
        '--sort-by <field>',
        'column or path of a field, such as AGE or .created; with --limit the first items of the sorted list',
        columns.map(({ header }) => header)
      )
    )
    .addOption(watchOption('print a line for each change', 'limit', 'continue', 'sortBy'))

/** The option for states. Several count, with commas or by the option again, as in kubectl and gh. */
export const stateOption = (states: readonly string[]): Option =>
  new Option('--state <state>', 'only items in this state, or in one of several: a,b')
    .choices(states)
    .argParser((typed: string, before: string[] = []) => {
      const all = typed.split(',')
      if (all.every((state) => states.includes(state))) return [...new Set([...before, ...all])]
      throw new InvalidArgumentError(`Allowed choices are ${states.join(', ')}.`)
    })

const parseLimit = (text: string): string => {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return text
  throw new InvalidArgumentError('give a number from 1 to 99999.')
}

/** The options that are part of the server's query. */
export const queryOf = <T extends ListOptions>(options: T, ...more: (keyof T & string)[]): Partial<T> => {
  const asked = ['limit', 'continue', 'name', 'role', ...more] as (keyof T & string)[]
  return Object.fromEntries(
    asked.flatMap((key) => (options[key] === undefined ? [] : [[key, oneOrMany(options[key])]]))
  ) as Partial<T>
}

/** A list of one as that one: an earlier server takes no list. */
export const oneOrMany = <T>(value: T): T | (T extends readonly (infer One)[] ? One : never) =>
  Array.isArray(value) && value.length === 1 ? value[0] : value

/** Prints the command for the next page, or how many items are left. Nothing if there are no more. */
export const printPage = (
  terminal: Pick<Terminal, 'err' | 'told'>,
  command: string,
  query: Partial<Record<string, string | readonly string[]>>,
  metadata: { continue: string } | undefined,
  left: number | undefined
): void => {
  if (left !== undefined) terminal.err(`Not shown: ${left} more; leave --limit away\n`)
  else if (metadata !== undefined) {
    const words = Object.entries({ ...query, ...metadata }).map(
      ([name, value = '']) => `--${name} ${shellWord(`${value}`)}`
    )
    printNext(terminal, [command, ...words].join(' '))
  }
}
