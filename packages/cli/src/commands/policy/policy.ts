import { beta } from '@joinery/protocol'
import type { Command } from 'commander'
import { enrolmentArgument } from '../../session/references.ts'
import { inPages, outputOption } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { showPolicy } from './policy-show.ts'
import type { Options } from './policy-test.ts'

const examples = `Examples:
  joinery policy test                             is the policy right, and what are its rules
  joinery policy test --all                       what it would do with each machine that waits
  joinery policy show                             the policy that the server decides by, and what is left of its quotas
`
const showExamples = `Examples:
  joinery policy show                             its rules, and what is left of their quotas in this hour
  joinery policy show -o json | jq -r .hash
`
const testExamples = `Examples:
  joinery policy test --file policy.yaml          only the file: is it right, and what are its rules; needs no server
  joinery policy test --file policy.yaml node-1   what would it do with this machine
  joinery policy test --file policy.yaml --all    with each machine that waits
  joinery policy test --input node-1.json         with what joinery show node-1 -o json printed; needs no server
`

/** Adds the commands about the approval policy. */
export const addPolicy = (program: Command, terminal: Terminal): void => {
  const policy = program
    .command('policy')
    .description(`try and show the rules by which the server decides about machines by itself ${beta}`)
    .addHelpText('before', examples)
  policy
    .command('test')
    .description(`check a policy, and say which rule decides about machines; nothing is decided ${beta}`)
    .addHelpText('before', testExamples)
    .addArgument(enrolmentArgument('[name...]', 'approve'))
    .option('--file <file>', 'the policy', '/etc/joinery/policy.yaml')
    .option('--all', 'all machines that wait')
    .option(
      '--input <file>',
      'enrolments and codes as joinery show, list and code show print them with -o json; may be given again',
      (file: string, before: string[] = []) => [...before, file]
    )
    .addOption(outputOption('json', 'yaml'))
    .action(async (names: string[], options: Options, command: Command) => {
      // no other command needs what reads a policy
      const { testPolicy } = await import('./policy-test.ts')
      await testPolicy(names, options, command, terminal)
    })
  policy
    .command('show')
    .description(`show the policy that the server decides by now ${beta}`)
    .addHelpText('before', showExamples)
    .addOption(outputOption('json', 'yaml'))
    .action((_options, command) => inPages(command, terminal, showPolicy))
}
