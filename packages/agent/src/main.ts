import { version } from '@joinery/protocol'
import { Command } from 'commander'
import { closeInterruptedCommand } from './commands/close-interrupted.ts'
import { runCommand } from './commands/run.ts'
import { ConfigError } from './config.ts'

const program = new Command('joinery-agent')
  .description('Turns this machine into a Ready node of a kubeadm cluster, once it is approved.')
  .version(version)
  .addCommand(runCommand())
  .addCommand(closeInterruptedCommand())
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof ConfigError ? 2 : 1
}
