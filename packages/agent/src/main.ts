import { describeEnd } from '@joinery/host/command-end'
import { failureText } from '@joinery/host/text/failure'
import { guardOutput } from '@joinery/host/text/guard-output'
import { wantsColour } from '@joinery/host/text/wants-colour'
import { version } from '@joinery/protocol'
import { Command } from 'commander'
import { cleanUpCommand } from './commands/clean-up.ts'
import { closeInterruptedCommand } from './commands/close-interrupted.ts'
import { enrolCommand } from './commands/enrol.ts'
import { mendCommand } from './commands/mend.ts'
import { preflightCommand } from './commands/preflight.ts'
import { recoverCommand } from './commands/recover.ts'
import { runCommand } from './commands/run.ts'
import { statusCommand } from './commands/status.ts'
import { whyCommand } from './commands/why.ts'
import type { Terminal } from './program/terminal.ts'

const examples = `Examples:
  joinery-agent preflight                check whether this machine can join, with remedies
  joinery-agent enrol --server https://192.0.2.10:7443 --pin sha256:... --code-file -
  joinery-agent status                   show what the agent waits for
  joinery-agent why                      say why the Node is not Ready
  joinery-agent recover --check          does the kubelet of this node need a new certificate?
  journalctl --unit joinery-agent        show what the agent did
`

const { stdout, stderr, env } = process

guardOutput({ stdout, stderr, exit: (code) => process.exit(code) })

const terminal: Terminal = {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  colour: wantsColour(env, stdout.isTTY),
  screen: stdout.isTTY === true && env.TERM !== 'dumb',
  exit: (code) => {
    process.exitCode = code
  }
}

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
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

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

try {
  await program.parseAsync()
} catch (error) {
  const { exitCode, ...failure } = describeEnd(error)
  terminal.err(failureText(failure))
  terminal.exit(exitCode)
}
