import { Command } from 'commander'
import { Clock } from '../clock.ts'
import { loadConfig } from '../config.ts'
import { createContainer } from '../container.ts'
import { Log } from '../log.ts'
import { filesUnder } from '../machine/files.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import { runAgent } from '../run-agent.ts'
import { openBoard } from '../status/open-board.ts'
import { Show } from '../status/show.ts'
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
      const files = filesUnder('/')
      const machine = linuxMachine({ runDirectory, notifySocket: process.env.NOTIFY_SOCKET })
      const container = createContainer(config, machine, files, stateDirectory)
      const [clock, log] = [container.resolve(Clock), container.resolve(Log)]
      const board = { server: config.server, files, clock, log, stateDirectory, runDirectory }
      container.register(Show, { useValue: await openBoard(board) })
      const stop = new AbortController()
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
      await runAgent(container, config, stop.signal)
    })
