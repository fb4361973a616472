import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, type Role, roles } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { stateOption } from '../output/list-options.ts'
import { exitCodes } from '../terminal/errors.ts'
import { parseLabelSelector, type Requirement, WrongSelector } from './label-selector.ts'

/** Options that select many, in place of their names. All that are given must fit. */
export interface Selection<State extends string = string> {
  state?: State[]
  role?: Role
  /** Id of the code, or the end of it. */
  code?: string
  selector?: readonly Requirement[]
  all?: true
  /** Only machines that wait again because their approval was taken back. */
  restored?: true
}

/** Adds the options of a selection. `states`: those in which the verb is possible. `all`: what `--all` means. */
export const addSelection = (
  command: Command,
  what: string,
  states: readonly string[],
  all = `all ${what} to which it can happen`
): Command =>
  command
    .addOption(stateOption(states))
    .addOption(new Option('--role <role>', `only ${what} with this role`).choices(roles))
    .addOption(selectorOption(what))
    .option('--all', all)

/** The option of a label selector, which is read. */
export const selectorOption = (what: string): Option =>
  new Option(
    '-l, --selector <selector>',
    `${what} with these labels, such as rack=r7,zone!=b or 'rack in (r7,r8)'`
  ).argParser(read)

/** Adds them for machines, which also have a code. */
export const addMachineSelection = (command: Command, states: readonly string[], all?: string): Command =>
  addSelection(command, 'machines', states, all).option('--code <id>', 'only machines that used this code')

const read = (text: string): readonly Requirement[] => {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    if (error instanceof WrongSelector) throw new InvalidArgumentError(`${escapeText(error.message)}.`)
    throw error
  }
}

/** True if one of the options selects. */
export const isSelection = ({ state, role, code, selector, all, restored }: Selection): boolean =>
  [state, role, code, selector, all, restored].some((one) => one !== undefined)

/** Throws unless there are either names or a selection. */
export const requireEither = (names: readonly string[], selection: Selection): void => {
  const selects = isSelection(selection)
  if (selects === names.length > 0) {
    throw selects
      ? new CommandEnd(
          exitCodes.usage,
          'a name and a selection together: which of them is meant?',
          'give one of the two'
        )
      : new CommandEnd(
          exitCodes.usage,
          'nothing is named',
          'give a name, or select: --state, --role, --code, -l, --all'
        )
  }
}

/** Throws if a selection comes with options that are for one machine. `given`: each of them, with its value. */
export const requireNoneOf = (given: Readonly<Record<string, unknown>>): void => {
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? []
  if (option === undefined) return
  throw new CommandEnd(exitCodes.usage, `${option} is for one machine, and not for a selection`, 'give one name')
}
