/** What is read of a command of commander. Each package has a commander of its own, and they are the same to us. */
export interface ReadCommand {
  name(): string
  description(): string
  summary(): string
  readonly parent: ReadCommand | null
  configureOutput(to: { writeOut: (text: string) => void }): unknown
  outputHelp(): void
  helpInformation(): string
  createHelp(): ReadHelp
}

// biome-ignore lint/suspicious/noExplicitAny: the helper takes a command of its own commander
type Own = any
interface ReadHelp {
  commandUsage(command: Own): string
  visibleCommands(command: Own): readonly Own[]
  visibleArguments(command: Own): readonly Own[]
  visibleOptions(command: Own): readonly Own[]
  argumentTerm(argument: Own): string
  argumentDescription(argument: Own): string
  optionTerm(option: Own): string
  optionDescription(option: Own): string
}

/** An argument or an option: how it is typed, and what it is for. */
export interface Term {
  term: string
  description: string
}

/** A command as its help describes it. */
export interface CommandPage {
  /** Name from the program on, as `joinery code create`. */
  name: string
  /** A phrase. */
  summary: string
  usage: string
  /** Lines of the examples, each a command with what it is for behind it. */
  examples: string[]
  /** Paragraphs of the help beside the examples. */
  notes: string[]
  arguments: Term[]
  /** Options of its own. Each command also takes those of its program. */
  options: Term[]
  commands: CommandPage[]
  /** Variables of the environment that its help names. */
  environment: Term[]
  exitCodes: Term[]
}

/** The page of a command, and those of its commands. Throws if a help has no examples: each begins with them. */
export const commandPage = (command: ReadCommand): CommandPage => {
  const name = wholeName(command)
  const { before, after } = helpText(command)
  const { examples, notes } = parts(before)
  if (examples.length === 0) throw new Error(`the help of ${name} does not begin with examples`)
  const help = command.createHelp()
  const visible = help.visibleCommands(command).filter((one: ReadCommand) => one.name() !== 'help')
  return {
    name,
    summary: phrase(command.summary() || command.description()),
    usage: help.commandUsage(command),
    examples,
    notes: [...notes, ...paragraphs(after.replace(exitCodesLine, '').replace(environmentBlock, ''))],
    arguments: help.visibleArguments(command).map((argument) => ({
      term: help.argumentTerm(argument),
      description: help.argumentDescription(argument)
    })),
    options: help
      .visibleOptions(command)
      .filter((option: { long?: string }) => option.long !== '--help')
      .map((option) => ({ term: help.optionTerm(option), description: help.optionDescription(option) })),
    commands: visible.map(commandPage),
    environment: environment(after),
    exitCodes: exitCodes(after)
  }
}

/** The command and all commands below it, in the order of the help. */
export const withCommands = (page: CommandPage): CommandPage[] => [page, ...page.commands.flatMap(withCommands)]

const wholeName = (command: ReadCommand): string =>
  command.parent === null ? command.name() : `${wholeName(command.parent)} ${command.name()}`

/** The texts that a command adds to its help, before what commander says and after it. */
const helpText = (command: ReadCommand): { before: string; after: string } => {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    }
  })
  command.outputHelp()
  const information = command.helpInformation()
  const at = text.indexOf(information)
  return { before: text.slice(0, at), after: text.slice(at + information.length) }
}

const parts = (text: string): Pick<CommandPage, 'examples' | 'notes'> => {
  const [, block = ''] = /^Examples:\n((?:.+\n)*)/.exec(text) ?? []
  return {
    examples: block.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/^ {2}/, '')])),
    notes: paragraphs(text.replace(/^Examples:\n(?:.+\n)*/, ''))
  }
}

const paragraphs = (text: string): string[] =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter(Boolean)

/** A summary as a phrase: descriptions of whole programs are sentences. */
const phrase = (text: string): string =>
  text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())

/** A phrase as a sentence. */
export const sentence = (text: string): string => `${text.replace(/^./, (first) => first.toUpperCase())}.`

const environmentBlock = /^Environment,.*:\n((?: {2}.+\n?)+)/m

const environment = (text: string): Term[] => {
  const [, block = ''] = environmentBlock.exec(text) ?? []
  return [...block.matchAll(/^ {2}(.+?) {2,}(.+)$/gm)].map(([, term = '', description = '']) => ({ term, description }))
}

const exitCodesLine = /^Exit codes: (.*)$/m

const exitCodes = (text: string): Term[] => {
  const [, list = ''] = exitCodesLine.exec(text) ?? []
  return list.split(/, (?=\d)/).flatMap((one) => {
    const [, term = '', description = ''] = /^(\d+) (.*)$/.exec(one) ?? []
    return term === '' ? [] : [{ term, description }]
  })
}
