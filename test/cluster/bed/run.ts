import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { constants } from 'node:os'

export interface Result {
  /** Exit status; 128 plus the signal's number when a signal ended it, as in a shell. */
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Written to standard input, which is then closed. */
  input?: string | Buffer
  /** Added to this process's environment. */
  env?: Record<string, string>
  /** Working folder; ignored inside the bed's mount namespace, where it is /. */
  cwd?: string
  /** Milliseconds after which the command is ended. */
  timeout?: number
}

/** Runs a command to its end. A non-zero status is a result; only a command that cannot be started rejects. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [file = '', ...args] = argv
  const { input, env, cwd, timeout } = options
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, timeout, env: { ...process.env, ...env } })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk) => stdout.push(chunk))
    child.stderr.on('data', (chunk) => stderr.push(chunk))
    child.stdin.on('error', () => {}) // the command may end without reading its input
    child.stdin.end(input)
    child.on('error', (cause) => reject(new Error(`cannot start ${file}: ${cause.message}`, { cause })))
    child.on('close', (code, signal) => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString()
      resolve({ code: code ?? exitStatus(signal), stdout: text(stdout), stderr: text(stderr) })
    })
  })
}

/** Runs a command that has to succeed and gives its standard output. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options)
  if (result.code !== 0) throw new Error(failure(argv, result.code, result.stderr + result.stdout))
  return result.stdout
}

/** Runs a long command that has to succeed, its output appended to a log that can be followed. */
export async function mustLogged(argv: readonly string[], log: string, options: RunOptions = {}): Promise<void> {
  const [file = '', ...args] = argv
  await using handle = await open(log, 'a')
  const code = await new Promise<number>((resolve, reject) => {
    const env = { ...process.env, ...options.env }
    const child = spawn(file, args, { cwd: options.cwd, env, stdio: ['ignore', handle.fd, handle.fd] })
    child.on('error', (cause) => reject(new Error(`cannot start ${file}: ${cause.message}`, { cause })))
    child.on('close', (status, signal) => resolve(status ?? exitStatus(signal)))
  })
  if (code !== 0) throw new Error(`${failure(argv, code, await readFile(log, 'utf8'))}\n(whole output: ${log})`)
}

/** The last lines of a text, for error messages. */
export function tail(text: string, lines = 20): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}

function failure(argv: readonly string[], code: number, output: string): string {
  return `${argv.join(' ')}: exit status ${code}\n${tail(output)}`
}

function exitStatus(signal: NodeJS.Signals | null): number {
  return 128 + (signal ? constants.signals[signal] : 0)
}
