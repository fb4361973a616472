import { version } from '@joinery/protocol'
import { Command } from 'commander'
import type { Terminal } from '../program/terminal.ts'
import { cleanUpCommand } from './clean-up.ts'
import { closeInterruptedCommand } from './close-interrupted.ts'
import { enrolCommand } from './enrol.ts'
import { mendCommand } from './mend.ts'
import { preflightCommand } from './preflight.ts'
import { recoverCommand } from './recover.ts'
import { runCommand } from './run.ts'
import { statusCommand } from './status.ts'
import { whyCommand } from './why.ts'

const examples = `Examples:
  joinery-agent preflight                check whether this machine can join, with remedies
  joinery-agent enrol --server https://192.0.2.10:7443 --pin sha256:... --code-file -
  joinery-agent status                   show what the agent waits for
  joinery-agent why                      say why the Node is not Ready
  joinery-agent recover --check          does the kubelet of this node need a new certificate?
  journalctl --unit joinery-agent        show what the agent did
`

/** The whole command line of the agent. Its parsing ends by `exit` after a mistake, and after a help. */
export const agentProgram = (terminal: Terminal, exit: (code: number) => never): Command => {
  const program = new Command('joinery-agent')
    .description('Turns this machine into a Ready node of a kubeadm cluster, once it is approved.')
    .version(version)
    .addHelpText('before', examples)
    .addHelpText(
      'afterAll',
      '\nExit codes: 0 ok, 1 failure, 2 usage, 3 a check fails, or the Node is not Ready, 4 not known yet: the same command later'
    )
    .option('--no-color', 'print without colours, as with NO_COLOR in the environment')
    .hook('preAction', () => {
      if (program.opts<{ color: boolean }>().color === false) terminal.colour = false
    })
    .exitOverride((error) => exit(error.exitCode === 0 ? 0 : 2))

  const commands = [
    preflightCommand(terminal),
    enrolCommand(terminal),
    statusCommand(terminal),
    recoverCommand(terminal),
    whyCommand(terminal),
    runCommand()
  ]
  /** Commands that units run. A person who needs one finds it in the log or in a page. */
  const ofUnits = [closeInterruptedCommand(), mendCommand(), cleanUpCommand()]
  // a command that was made apart would exit with 1 after a mistake
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program))
  for (const command of ofUnits) program.addCommand(command.copyInheritedSettings(program), { hidden: true })
  return program
}
