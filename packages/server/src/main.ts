import { ProblemError, version } from '@joinery/protocol'
import { Command } from 'commander'
import { initCommand } from './commands/init.ts'
import { runCommand } from './commands/run.ts'
import { setupCommand } from './commands/setup.ts'
import { ConfigError } from './config.ts'

const program = new Command('joinery-server')
  .description('The pairing server: lets approved machines join a kubeadm cluster, and no others.')
  .version(version)
  .addCommand(initCommand())
  .addCommand(setupCommand())
  .addCommand(runCommand())
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  if (error instanceof ProblemError && error.text.remedy !== undefined) console.error(error.text.remedy)
  process.exitCode = error instanceof ConfigError ? 2 : 1
}
