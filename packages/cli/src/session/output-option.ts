import { InvalidArgumentError, Option } from 'commander'
import type { CustomColumn } from '../template/custom-columns.ts'
import type { Template } from '../template/template.ts'

/** Formats that `-o` has for documents, in the order in which they are offered. */
export const formats = ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath', 'custom-columns'] as const
type DocumentFormat = (typeof formats)[number]

/**
 * An output format. `table` and `wide` are for people. The others print the server's answer or parts of it, and nothing for people.
 * `joinery cloud-init` prints text for machines.
 */
export type Format = DocumentFormat | 'user-data' | 'iso'

/** The text that must follow a format and its `=`. */
export const takes: Partial<Record<DocumentFormat, string>> = {
  jsonpath: 'TEMPLATE',
  'custom-columns': 'HEADER:PATH,...'
}

export const isForPeople = (format: Format): boolean => format === 'table' || format === 'wide'

/** An output format as it was typed, with the text behind its `=`. */
export interface Output {
  format: Format
  text?: string
}

/** An option with values that a shell offers, and that are not all that it takes. */
export class OfferingOption extends Option {
  readonly offers: readonly string[]

  constructor(flags: string, description: string, offers: readonly string[]) {
    super(flags, description)
    this.offers = offers
  }
}

/**
 * The `--output` option. Every command with a table takes `wide` too, and prints the same if there is no more. `some`: the formats
 * that the command has besides the tables and the templates.
 */
export const outputOption = (...some: Extract<Format, 'json' | 'yaml' | 'name'>[]): Option => {
  const taken = formats.filter((format) => !isSome(format) || some.includes(format))
  const described = taken.map((format) => (takes[format] === undefined ? format : `${format}=${takes[format]}`))
  const offers = taken.map((format) => (takes[format] === undefined ? format : `${format}=`))
  return new OfferingOption('-o, --output <format>', `output format: ${described.join(', ')}`, offers)
    .default('table')
    .argParser((typed) => requireTaken(typed, taken))
}

const isSome = (format: Format): format is 'json' | 'yaml' | 'name' => ['json', 'yaml', 'name'].includes(format)

/** The format as it was typed, without the `=` of `-o=json`. Throws if the command does not take it. */
const requireTaken = (typed: string, taken: readonly DocumentFormat[]): string => {
  const output = typed.replace(/^=/, '')
  const { format, text } = outputOf(output)
  const known = taken.find((one) => one === format)
  if (known === undefined) throw new InvalidArgumentError(`Allowed choices are ${taken.join(', ')}.`)
  if (takes[known] === undefined && text !== undefined) throw new InvalidArgumentError(`Give ${known} without a =.`)
  if (takes[known] !== undefined && !text) {
    const example = known === 'jsonpath' ? "jsonpath='{.name}'" : 'custom-columns=NAME:.name,STATE:.state'
    throw new InvalidArgumentError(`Give what it must print, such as ${example}.`)
  }
  return output
}

/** The parts of a value of the option. A command without the option prints a table. */
export const outputOf = (typed = 'table'): Output => {
  const [, format = typed, text] = /^([^=]*)=(.*)$/s.exec(typed) ?? []
  return { format: format as Format, ...(text !== undefined && { text }) }
}

/** The output of a command, ready to print with. */
export interface Printing {
  format: Format
  template?: Template
  customColumns?: CustomColumn[]
}

/** Reads the template of the output, if it has one. Throws the mistake in it. */
export const readOutput = async ({ format, text = '' }: Output): Promise<Printing> => {
  const typed = { option: `-o ${format}`, text }
  if (format === 'jsonpath') {
    const { readTemplate } = await import('../template/template.ts')
    return { format, template: readTemplate(typed) }
  }
  if (format !== 'custom-columns') return { format }
  const { readCustomColumns } = await import('../template/custom-columns.ts')
  return { format, customColumns: readCustomColumns(typed) }
}
