import { fstatSync } from 'node:fs'
import { exec } from '@joinery/host/exec'
import { filesUnder } from '@joinery/host/files'
import { isJournal } from '@joinery/host/text/journal-line'
import { watchdogInterval } from '@joinery/host/watchdog-interval'
import { Command } from 'commander'
import { systemdStatus, UnitStatus } from '../host/unit-status.ts'
import { runAgent } from '../loop/run-agent.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import { Clock } from '../program/clock.ts'
import { loadConfig } from '../program/config.ts'
import { Log, makeLog } from '../program/log.ts'
import { StartWatchdog, startWatchdog } from '../program/watchdog.ts'
import { openBoard } from '../status/open-board.ts'
import { Show } from '../status/show.ts'
import { createContainer } from './container.ts'
import { configFile, runDirectory, stateDirectory } from './own-paths.ts'

const examples = `Examples:
  systemctl start joinery-agent          as a service: the usual way
  joinery-agent run                      in the foreground, as root
  joinery-agent run --config ./agent.yaml
`

export const runCommand = (): Command =>
  new Command('run')
    .summary('enrol, wait for approval, join, and end when the node is Ready')
    .addHelpText('before', examples)
    .option('--config <file>', 'configuration of the agent', configFile)
    .action(async (options: { config: string }) => {
      const config = await loadConfig(options.config)
      const { NOTIFY_SOCKET: notifySocket, CREDENTIALS_DIRECTORY: credentials } = process.env
      const files = filesUnder('/')
      const machine = linuxMachine({ runDirectory, sandboxed: notifySocket !== undefined })
      const container = createContainer(config, machine, files, stateDirectory, credentials)
      container.register(UnitStatus, { useValue: systemdStatus(exec, notifySocket) })
      container.register(Log, { useValue: makeLog(isJournal(process.env, fstatSync(1))) })
      const [clock, log] = [container.resolve(Clock), container.resolve(Log)]
      const board = { server: config.server, files, clock, log, stateDirectory, runDirectory }
      container.register(Show, { useValue: await openBoard(board) })
      const every = watchdogInterval(process.env, process.pid)
      if (notifySocket !== undefined && every !== undefined) {
        const ping = () => exec(['systemd-notify', 'WATCHDOG=1'], { env: { NOTIFY_SOCKET: notifySocket } })
        container.register(StartWatchdog, { useValue: () => startWatchdog({ clock, every, ping }) })
      }
      const stop = new AbortController()
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
      await runAgent(container, config, stop.signal)
    })
