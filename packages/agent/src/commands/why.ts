import { CommandEnd } from '@joinery/host/command-end'
import { Command, Option } from 'commander'
import { exitCodes } from '../program/exit-codes.ts'
import type { Terminal } from '../program/terminal.ts'
import { configFile, runDirectory, stateDirectory } from './own-paths.ts'

const examples = `Examples:
  joinery-agent why                      the likeliest cause first, with evidence and commands
  joinery-agent why -o json | jq -r '.causes[0].code'
`

interface Options {
  output: 'table' | 'json'
}

export const whyCommand = (terminal: Terminal): Command =>
  new Command('why')
    .summary('say why the Node of this machine is not Ready; as root, needs no server')
    .addHelpText('before', examples)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .action(async ({ output }: Options) => {
      if (process.geteuid?.() !== 0) {
        throw new CommandEnd(exitCodes.failure, 'only root may look at the kubelet', 'sudo joinery-agent why')
      }
      const [{ whyHere }, { printWhy }] = await Promise.all([
        import('../why/why-here.ts'),
        import('../why/print-why.ts')
      ])
      const why = await whyHere({ configFile, stateDirectory, runDirectory })
      printWhy(why, output, terminal)
      if (!why.ready) terminal.exit(exitCodes.notReady)
    })
