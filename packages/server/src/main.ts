import { failureText } from '@joinery/host/text/failure'
import { guardOutput } from '@joinery/host/text/guard-output'
import { serverProgram } from './commands/server-program.ts'
import { explain } from './core/base/errors.ts'

guardOutput({ stdout: process.stdout, stderr: process.stderr, exit: (code) => process.exit(code) })

try {
  await serverProgram((code) => process.exit(code)).parseAsync()
} catch (error) {
  const { exitCode, ...failure } = explain(error)
  process.stderr.write(failureText(failure))
  process.exitCode = exitCode
}
