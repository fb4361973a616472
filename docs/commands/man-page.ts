import type { Setting } from '../server/settings.ts'
import { type CommandPage, sentence, type Term, withCommands } from './command-page.ts'
import type { Program } from './programs.ts'
import { roffLines, roffProse, roffText } from './roff.ts'

/** A release, as the foot of a page names it. */
export interface Release {
  version: string
  /** Day, as 2026-11-25. */
  date: string
}

/** A page of the manual. */
export interface ManPage {
  /** Name of its file, as `joinery-approve.1`. */
  file: string
  text: string
}

/** The page of a program in which each command has a section of its own. */
export const programManPage = (program: Program, release: Release): ManPage => {
  const { page, section } = program
  return manPage({ name: page.name, section, summary: page.summary }, release, [
    part('SYNOPSIS', synopsis(page)),
    part('DESCRIPTION', prose(page)),
    ...options('OPTIONS', page.options),
    part('COMMANDS', page.commands.flatMap(withCommands).map(commandPart).join('\n')),
    ...ofProgram(program)
  ])
}

/** The page of a program, with a page for each of its commands, as git and kubectl have them. */
export const manPagesOfCommands = (program: Program, release: Release): ManPage[] => {
  const { page, section } = program
  const [, ...commands] = withCommands(page)
  const own = manPage({ name: page.name, section, summary: page.summary }, release, [
    part('SYNOPSIS', synopsis(page)),
    part('DESCRIPTION', prose(page)),
    ...pagesOf(commands, section),
    ...options('OPTIONS OF EVERY COMMAND', page.options),
    ...ofProgram(program)
  ])
  return [own, ...commands.map((command) => commandManPage(command, program, release))]
}

const pagesOf = (commands: readonly CommandPage[], section: number): string[] =>
  options(
    'COMMANDS',
    commands.map(({ name, summary }) => ({ term: `${dashed(name)}(${section})`, description: summary }))
  )

const commandManPage = (command: CommandPage, { page, section }: Program, release: Release): ManPage =>
  manPage({ name: dashed(command.name), section, summary: command.summary }, release, [
    part('SYNOPSIS', synopsis(command)),
    part('DESCRIPTION', prose(command)),
    ...pagesOf(command.commands, section),
    ...options('ARGUMENTS', command.arguments),
    ...options('OPTIONS', command.options),
    part('SEE ALSO', roffText(`${page.name}(${section}) has the options that every command takes, and the exit codes.`))
  ])

/** The page of a configuration file. */
export const configurationManPage = (
  { name, path, program }: { name: string; path: string; program: string },
  settings: readonly Setting[],
  release: Release
): ManPage =>
  manPage({ name, section: 5, summary: `configuration of ${program}` }, release, [
    part('SYNOPSIS', roffText(path)),
    part(
      'DESCRIPTION',
      roffText(
        `The file is YAML. ${program} reads it when it starts, refuses a key that is not listed here, and names its line. A key with a dot is in the section before the dot.`
      )
    ),
    part(
      'KEYS',
      settings
        .map(
          ({ key, value, otherwise }) =>
            `.TP\n\\fB${roffText(key)}\\fP\n${roffProse(value)}\n.br\n${roffProse(without(otherwise))}`
        )
        .join('\n')
    ),
    part('SEE ALSO', roffText(`${program}(8)`))
  ])

const without = (otherwise: string): string =>
  otherwise === 'required' ? 'It is required.' : otherwise === 'none' ? 'There is no default.' : `Default: ${otherwise}`

const manPage = (
  { name, section, summary }: { name: string; section: number; summary: string },
  { version, date }: Release,
  parts: readonly string[]
): ManPage => ({
  file: `${name}.${section}`,
  text: [
    '.\\" Generated from the commands themselves.',
    `.TH ${name.toUpperCase()} ${section} ${date} "Joinery ${version}" Joinery`,
    part('NAME', `${roffText(name)} \\- ${roffText(summary)}`),
    ...parts,
    ''
  ].join('\n')
})

const part = (title: string, text: string): string => `.SH ${title}\n${text}`

const synopsis = ({ usage }: CommandPage): string => `.nf\n${roffText(usage)}\n.fi`

const prose = ({ summary, notes, examples }: CommandPage): string =>
  [
    roffText(sentence(summary)),
    ...notes.map((note) => `.PP\n${roffText(note)}`),
    '.PP',
    'Examples:',
    '.PP',
    roffLines(examples)
  ].join('\n')

const options = (title: string, all: readonly Term[]): string[] => (all.length === 0 ? [] : [part(title, terms(all))])

const terms = (all: readonly Term[]): string =>
  all.map(({ term, description }) => `.TP\n\\fB${roffText(term)}\\fP\n${roffText(description)}`).join('\n')

const commandPart = (command: CommandPage): string =>
  [
    `.SS ${roffText(command.name)}`,
    `.nf\n${roffText(command.usage)}\n.fi`,
    '.PP',
    prose(command),
    ...[command.arguments, command.options].flatMap((all) => (all.length === 0 ? [] : [terms(all)]))
  ].join('\n')

const ofProgram = ({ page, files, environment, seeAlso }: Program): string[] => [
  part('EXIT STATUS', terms(page.exitCodes)),
  part('FILES', terms(files)),
  part('ENVIRONMENT', terms([...page.environment, ...environment])),
  part('SEE ALSO', roffText(seeAlso.join(', ')))
]

const dashed = (name: string): string => name.replaceAll(' ', '-')
