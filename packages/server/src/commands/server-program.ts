import { version } from '@joinery/protocol'
import { Command } from 'commander'
import { backupCommand } from './backup.ts'
import { initCommand } from './init.ts'
import { keysCommand } from './keys.ts'
import { renewLeafCommand } from './renew-leaf.ts'
import { restoreCommand } from './restore.ts'
import { rotateAuthorityCommand } from './rotate-ca.ts'
import { rotateKeysCommand } from './rotate-keys.ts'
import { runCommand } from './run.ts'
import { setupCommand } from './setup.ts'
import { storeCommand } from './store.ts'

const examples = `Examples:
  joinery-server init
  joinery-server setup --kubeconfig /etc/kubernetes/admin.conf
  systemctl enable --now joinery-server
`

/** The whole command line of the pairing server. Its parsing ends by `exit` after a mistake, and after a help. */
export const serverProgram = (exit: (code: number) => never): Command => {
  const program = new Command('joinery-server')
    .description('The pairing server: lets approved machines join a kubeadm cluster, and no others.')
    .version(version)
    .addHelpText('before', examples)
    .addHelpText('afterAll', '\nExit codes: 0 ok, 1 failure, 2 usage')
    .exitOverride((error) => exit(error.exitCode === 0 ? 0 : 2))
  // of a command that was made apart, a mistake would exit with 1
  const commands = [
    initCommand(),
    setupCommand(),
    runCommand(),
    backupCommand(),
    restoreCommand(),
    keysCommand(),
    renewLeafCommand(),
    rotateKeysCommand(),
    rotateAuthorityCommand(),
    storeCommand()
  ]
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program))
    for (const part of command.commands) part.copyInheritedSettings(program)
  }
  return program
}
