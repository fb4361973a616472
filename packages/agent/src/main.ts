import { version } from '@joinery/protocol'
import { Command } from 'commander'
import { closeInterruptedCommand } from './commands/close-interrupted.ts'
import { runCommand } from './commands/run.ts'
import { ConfigError } from './config.ts'

const examples = `Examples:
  systemctl status joinery-agent         what it waits for
  journalctl --unit joinery-agent        what it did
  systemctl start joinery-agent          as it is meant to run
`

const program = new Command('joinery-agent')
  .description('Turns this machine into a Ready node of a kubeadm cluster, once it is approved.')
  .version(version)
  .addHelpText('before', examples)
  .addHelpText('afterAll', '\nExit codes: 0 ok, 1 failure, 2 usage')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

// of a command that was made apart, a mistake would exit with 1
for (const command of [runCommand(), closeInterruptedCommand()]) {
  program.addCommand(command.copyInheritedSettings(program))
}

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof ConfigError ? 2 : 1
}
