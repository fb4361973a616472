import { execFile } from 'node:child_process'

/** Number of characters of the output that a message has. `output` has all of it. */
const messageLimit = 1000

/** A command that could not be started, ended badly, ran out of time or printed too much. Keeps argv and output. */
export class CommandError extends Error {
  readonly argv: readonly string[]
  /** Exit status, or the name of what went wrong: ENOENT (no such command), ETIMEDOUT, a signal. */
  readonly code: number | string
  /** Output of the command, from both streams. */
  readonly output: string

  constructor(argv: readonly string[], code: number | string, output: string) {
    const end = output.slice(-messageLimit)
    super(`${argv.join(' ')}: ${describe(argv, code)}${end === '' ? '' : `: ${end}`}`)
    this.name = 'CommandError'
    this.argv = argv
    this.code = code
    this.output = output
  }
}

export interface ExecOptions {
  /** Milliseconds until the command is killed. */
  timeout?: number
  /** Additional environment variables. A command gets only PATH and LC_ALL otherwise. */
  env?: Record<string, string>
  /** Standard input of the command. Empty by default. */
  input?: string
}

/** Runs a command without a shell and gives its standard output. Rejects with CommandError, and only with that. */
export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<string>

/** Folders in which commands are looked for, whatever PATH the agent was started with. */
export const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
const environment = { PATH: searchPath.join(':'), LC_ALL: 'C' }
const outputLimit = 256 * 1024

/** Runs a command of this machine. No secret may be in `argv`: every process of the machine can read it. */
export const exec: Exec = (argv, { timeout = 20_000, env = {}, input = '' } = {}) =>
  new Promise((resolve, reject) => {
    const [command = '', ...args] = argv
    const options = { timeout, killSignal: 'SIGKILL', maxBuffer: outputLimit, env: { ...environment, ...env } } as const
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const timedOut = error.killed === true && error.code === null
      const code = timedOut ? 'ETIMEDOUT' : (error.code ?? error.signal ?? 'unknown')
      reject(new CommandError(argv, code, `${stdout}${stderr}`.trim()))
    })
    // a command that ends without having read all of it is judged by its exit status
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })

const describe = (argv: readonly string[], code: number | string): string => {
  if (code === 'ENOENT') return `there is no command ${argv[0]}`
  if (code === 'ETIMEDOUT') return 'took too long'
  return typeof code === 'number' ? `exit status ${code}` : code
}
