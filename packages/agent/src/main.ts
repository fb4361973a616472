import { describeEnd } from '@joinery/host/command-end'
import { failureText } from '@joinery/host/text/failure'
import { guardOutput } from '@joinery/host/text/guard-output'
import { wantsColour } from '@joinery/host/text/wants-colour'
import { agentProgram } from './commands/agent-program.ts'
import type { Terminal } from './program/terminal.ts'

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

try {
  await agentProgram(terminal, (code) => process.exit(code)).parseAsync()
} catch (error) {
  const { exitCode, ...failure } = describeEnd(error)
  terminal.err(failureText(failure))
  terminal.exit(exitCode)
}
