import { type CommandPage, sentence, type Term, withCommands } from './command-page.ts'
import type { Program } from './programs.ts'

/** The page of docs/reference about a program and its commands. */
export const referencePage = ({ page, section, files, environment }: Program): string => {
  const [, ...commands] = withCommands(page)
  return `<!-- Generated: node_modules/.bin/node docs/commands/main.ts -->
# ${page.name}

${cell(sentence(page.summary))} The same text is in the manual: \`man ${section} ${page.name}\`. Each command has
\`--help\`.

${block(page.examples)}
${paragraphs(page.notes)}${terms('Options of every command', page.options)}## Commands

| command | what it is for |
|---|---|
${commands.map(({ name, summary }) => `| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${cell(summary)} |`).join('\n')}

${commands.map(commandSection).join('\n')}
## Exit codes

${list(page.exitCodes)}
[The page of exit codes](exit-codes.md) has an example of each.

## Files

${list(files)}
## Environment

${list([...page.environment, ...environment])}`
}

const commandSection = (page: CommandPage): string =>
  `### ${page.name}

${cell(sentence(page.summary))}

${block([page.usage])}
${block(page.examples)}
${paragraphs(page.notes)}${terms('Arguments', page.arguments)}${terms('Options', page.options)}`.replace(/\n+$/, '\n')

const block = (lines: readonly string[]): string => `\`\`\`text\n${lines.join('\n')}\n\`\`\`\n`

const paragraphs = (texts: readonly string[]): string => texts.map((text) => `${cell(text)}\n\n`).join('')

const terms = (title: string, all: readonly Term[]): string =>
  all.length === 0
    ? ''
    : `| ${title.toLowerCase()} | |\n|---|---|\n${all
        .map(({ term, description }) => `| \`${term.replaceAll('|', '\\|')}\` | ${cell(description)} |`)
        .join('\n')}\n\n`

const list = (all: readonly Term[]): string =>
  all.map(({ term, description }) => `- \`${term}\`: ${cell(description)}\n`).join('')

/** Text that Markdown shows as it is. */
const cell = (text: string): string => text.replace(/[<|*_]/g, (character) => `\\${character}`)
