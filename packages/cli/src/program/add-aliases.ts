import { table } from '@joinery/host/text/table'
import { Argument, type Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { aliases, aliasRows, typedKinds } from './aliases.ts'

/** Adds commands that the help of the program does not list: the names that kubectl has for commands, and a list of these. */
export const addAliases = (program: Command, terminal: Terminal): void => {
  const listed = `Examples:
${table(
  [...aliasRows().map(([typed, means]) => [typed, `is ${means}`]), ['aliases', 'prints these lines']].map(
    ([typed = '', means = '']) => [`  joinery ${typed}`, means]
  ),
  false
)}`
  program
    .command('aliases', { hidden: true })
    .description('list the names that kubectl has for commands of joinery')
    .addHelpText('before', listed)
    .action(() => terminal.out(listed.split('\n').slice(1).join('\n')))
  for (const verb of Object.keys(aliases)) {
    const own = listed.split('\n').filter((line) => line.startsWith(`  joinery ${verb}`))
    program
      .command(verb, { hidden: true })
      .description("another name, as kubectl's; the options are those of the command that it means")
      .addArgument(new Argument('[kind]', 'kind of the things that are meant').choices(typedKinds))
      .addHelpText('before', `Examples:\n${own.join('\n')}\n`)
  }
}
