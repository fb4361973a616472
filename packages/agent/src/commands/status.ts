import { setTimeout } from 'node:timers/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { Command, Option } from 'commander'
import { exitCodes } from '../program/exit-codes.ts'
import type { Terminal } from '../program/terminal.ts'
import { configFile, runDirectory, stateDirectory } from './own-paths.ts'

const examples = `Examples:
  joinery-agent status                   its step or wait, its failures, and remedies
  joinery-agent status --watch           each change, until the node is Ready
  joinery-agent status -o json | jq -r .message
`

interface Options {
  output: 'table' | 'json'
  watch?: true
  config: string
}

/** Milliseconds between two looks of a person who watches. */
const tick = 500

export const statusCommand = (terminal: Terminal): Command =>
  new Command('status')
    .summary("show the state of this machine's agent; with --watch, exit with 1 if the node does not become Ready")
    .addHelpText('before', examples)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .addOption(new Option('--watch', 'show each change until the node is Ready or needs a person').conflicts('output'))
    .option('--config <file>', 'configuration of the agent', configFile)
    .action(async ({ output, watch, config }: Options) => {
      const { readStatus } = await import('../status/read-status.ts')
      const read = () => readStatus({ configFile: config, runDirectory, stateDirectory }).catch(explain)
      if (watch) {
        const { watchStatus } = await import('../status/watch-status.ts')
        const columns = process.stdout.columns ?? 80
        terminal.exit(await watchStatus({ read, pause: () => setTimeout(tick), terminal, columns }))
        return
      }
      const { printStatus } = await import('../status/print-status.ts')
      printStatus(await read(), output, terminal)
    })

const explain = (error: NodeJS.ErrnoException): never => {
  if (error.code !== 'EACCES') throw error
  throw new CommandEnd(exitCodes.failure, 'only root may see how the agent is', 'sudo joinery-agent status')
}
