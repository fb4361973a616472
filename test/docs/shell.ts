import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** As a newcomer has it: what tap and pnpm put there for their own children is not. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS$|TAP|_TAPJS|npm_lifecycle|npm_command)/.test(name))
)

/** A command that runs in the checkout, typed in a shell of its own. */
export class Shell {
  readonly command: string
  readonly ended: Promise<{ code: number | null; output: string }>
  readonly #child: ChildProcess
  #output = ''

  constructor(command: string, prelude = '') {
    this.command = command
    const script = `${prelude}\n${command}`
    this.#child = spawn('bash', ['-O', 'expand_aliases', '-c', script], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // a group of its own: Ctrl-C goes to all of it
      detached: true
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    this.ended = once(this.#child, 'close').then(([code]) => ({ code: code as number | null, output: this.#output }))
  }

  /** What it has printed when that holds `pattern`. Rejects where it ends before. */
  says(pattern: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const look = (): void => {
      if (pattern.test(this.#output)) resolve(this.#output)
    }
    this.#child.stdout?.on('data', look)
    this.#child.once('close', () => reject(new Error(`${this.command} did not say ${pattern}:\n${this.#output}`)))
    look()
    return promise
  }

  /** Ctrl-C. */
  interrupt(): void {
    const { pid, exitCode, signalCode } = this.#child
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGINT')
  }
}
