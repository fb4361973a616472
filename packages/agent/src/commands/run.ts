import { Command } from 'commander'
import { Clock } from '../clock.ts'
import { loadConfig } from '../config.ts'
import { createContainer } from '../container.ts'
import { JournalFile } from '../journal.ts'
import { Log } from '../log.ts'
import { runLoop } from '../loop.ts'
import { bootId } from '../machine/boot-id.ts'
import { filesUnder } from '../machine/files.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import { PairingServer } from '../pairing/pairing-server.ts'
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
      const stop = new AbortController()
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
      await runLoop({
        files,
        machine,
        server: container.resolve(PairingServer),
        journal: container.resolve(JournalFile),
        clock: container.resolve(Clock),
        log: container.resolve(Log),
        codeFile: config.codeFile,
        apiEndpoint: config.apiEndpoint,
        wantedName: async () => config.name ?? (await machine.facts()).hostname,
        bootId: await bootId(files),
        signal: stop.signal
      })
    })
