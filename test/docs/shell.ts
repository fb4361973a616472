import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { shellWord } from '@joinery/host/text/shell-word'
import { cleanEnvironment } from '@joinery/testing/processes/clean-environment'
import { onTerminal, screenOf } from '@joinery/testing/processes/terminal'
import { root } from './pages.ts'

/** As a newcomer has it. */
const environment = cleanEnvironment()

/** A command that runs in the checkout, typed in a shell of its own. */
export class Shell {
  readonly command: string
  readonly ended: Promise<{ code: number | null; output: string }>
  readonly #child: ChildProcess
  #output = ''

  /** `answer`: what a person types when they are asked; without one there is no terminal. */
  constructor(command: string, prelude = '', answer?: string) {
    this.command = command
    const [bash, ...words] = ['bash', '-O', 'expand_aliases', '-c', `${prelude}\n${command}`]
    // a group of its own: Ctrl-C goes to all of it
    const options = { cwd: root, env: environment, detached: true }
    this.#child =
      answer === undefined
        ? spawn(bash, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
        : onTerminal([bash, ...words].map(shellWord).join(' '), options)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    if (answer !== undefined) this.#answer(answer)
    this.ended = once(this.#child, 'close').then(([code]) => ({
      code: code as number | null,
      output: screenOf(this.#output)
    }))
  }

  /** To the first question. */
  #answer(answer: string): void {
    const look = (): void => {
      if (!/\[y\/N\] /.test(this.#output)) return
      this.#child.stdout?.off('data', look)
      this.#child.stdin?.write(`${answer}\n`)
    }
    this.#child.stdout?.on('data', look)
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
