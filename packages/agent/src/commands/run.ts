import { Command } from 'commander'
import { loadConfig } from '../config.ts'
import { createContainer } from '../container.ts'
import { filesUnder } from '../machine/files.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import { runAgent } from '../run-agent.ts'
import { configFile, runDirectory, stateDirectory } from './paths.ts'

const examples = `Examples:
  systemctl start joinery-agent          as it is meant to run
  joinery-agent run                      in the foreground, as root
  joinery-agent run --config ./agent.yaml
`

export const runCommand = (): Command =>
  new Command('run')
    .summary('enrol, wait for approval, join, and end when the node is Ready')
    .addHelpText('before', examples)
    .option('--config <file>', 'configuration', configFile)
    .action(async (options: { config: string }) => {
      const config = await loadConfig(options.config)
      const machine = linuxMachine({ runDirectory, notifySocket: process.env.NOTIFY_SOCKET })
      const container = createContainer(config, machine, filesUnder('/'), stateDirectory)
      const stop = new AbortController()
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
      await runAgent(container, config, stop.signal)
    })
