import { failureText } from '@joinery/host/text/failure'
import { guardOutput } from '@joinery/host/text/guard-output'
import { version } from '@joinery/protocol'
import { Command } from 'commander'
import { explain } from './base/errors.ts'
import { backupCommand } from './commands/backup.ts'
import { initCommand } from './commands/init.ts'
import { restoreCommand } from './commands/restore.ts'
import { runCommand } from './commands/run.ts'
import { setupCommand } from './commands/setup.ts'

const examples = `Examples:
  joinery-server init
  joinery-server setup --kubeconfig /etc/kubernetes/admin.conf
  systemctl enable --now joinery-server
`

guardOutput({ stdout: process.stdout, stderr: process.stderr, exit: (code) => process.exit(code) })

const program = new Command('joinery-server')
  .description('The pairing server: lets approved machines join a kubeadm cluster, and no others.')
  .version(version)
  .addHelpText('before', examples)
  .addHelpText('afterAll', '\nExit codes: 0 ok, 1 failure, 2 usage')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

// of a command that was made apart, a mistake would exit with 1
for (const command of [initCommand(), setupCommand(), runCommand(), backupCommand(), restoreCommand()]) {
  program.addCommand(command.copyInheritedSettings(program))
}

try {
  await program.parseAsync()
} catch (error) {
  const { exitCode, ...failure } = explain(error)
  process.stderr.write(failureText(failure))
  process.exitCode = exitCode
}
