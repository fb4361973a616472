import { escapeText } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Command, Option } from 'commander'
import { clientBehind } from '../session/client-behind.ts'
import { OfferingOption } from '../session/output-option.ts'
import { type Candidate, ReferenceArgument } from '../session/references.ts'
import { doorOf } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { optionsOf, type Position, position } from './position.ts'

/** Asks for candidates: `joinery __complete list -`. For the scripts of shells, not for people. */
export const completeWord = '__complete'

/** Longest wait for a list of names, in milliseconds. */
const patience = 1000

/** Prints what may stand in place of the last of `words`, in the protocol that scripts.ts describes. Never fails. */
export const complete = async (program: Command, words: readonly string[], terminal: Terminal): Promise<void> => {
  const current = words.at(-1) ?? ''
  const at = position(program, words.slice(0, -1))
  const candidates =
    at.option === undefined && current.startsWith('-') ? flags(at.command) : await values(at, current, terminal)
  for (const { value, description } of candidates ?? []) {
    if (value.startsWith(current)) terminal.out(`${value}\t${escapeText(description)}\n`)
  }
  terminal.out(candidates === undefined ? ':0\n' : ':4\n')
}

const flags = (command: Command): Candidate[] => {
  const byFlag = new Map(optionsOf(command).map((option) => [option.long ?? option.flags, option.description]))
  return [...byFlag].map(([value, description]) => ({ value, description }))
}

/** Undefined if a file is wanted. */
const values = async (at: Position, current: string, terminal: Terminal): Promise<Candidate[] | undefined> => {
  if (at.option !== undefined) return optionValues(at.option)
  const { command, given } = at
  if (command.commands.length > 0) {
    if (given.length > 0) return []
    const visible = command.createHelp().visibleCommands(command)
    // what the help does not list is offered to somebody who has begun to type it
    const commands = current === '' ? visible : [...new Set([...visible, ...command.commands])]
    return commands.map((one) => ({ value: one.name(), description: one.description() }))
  }
  const last = command.registeredArguments.at(-1)
  const argument = command.registeredArguments[given.length] ?? (last?.variadic ? last : undefined)
  if (argument instanceof ReferenceArgument) {
    const offered = await ask(argument, at.values, terminal)
    return offered.filter(({ value }) => !given.includes(value))
  }
  return argument?.name() === 'path' ? undefined : plain(argument?.argChoices ?? [])
}

const optionValues = (option: Option): Candidate[] | undefined => {
  if (option.flags.endsWith('<path>')) return undefined
  return plain(option instanceof OfferingOption ? option.offers : (option.argChoices ?? []))
}

const plain = (choices: readonly string[]): Candidate[] => choices.map((value) => ({ value, description: '' }))

/** A terminal on which nothing is said and nothing is remembered: a person is in the middle of a line. */
const quiet = ({ state: _, ...terminal }: Terminal): Terminal => ({ ...terminal, err: () => {} })

/** The server's candidates. None, and no message, if the server does not answer or this user may not ask it. */
const ask = async (
  argument: ReferenceArgument,
  values: Position['values'],
  terminal: Terminal
): Promise<Candidate[]> => {
  const [socket, kubeconfig, context] = ['socket', 'kubeconfig', 'context'].map((name) => values.get(name))
  try {
    const client = await clientBehind(doorOf(given({ socket, kubeconfig, context }), terminal), quiet(terminal), {
      timeout: patience
    })
    return await argument.candidates(client).finally(client.close)
  } catch {
    return []
  }
}
