import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A command that ended. */
export interface Played {
  isGreen: boolean
  /** Its standard output: there a line of tap is whole, whatever is said beside it. */
  stdout: string
  /** What it printed to both streams. */
  output: string
  /** Minutes that it took. */
  minutes: number
}

export interface PlayOptions {
  cwd: string
  env: NodeJS.ProcessEnv
  /** Ends the command. */
  signal: AbortSignal
  /** Takes what is printed, at once. */
  show: (text: string) => void
}

/** Runs a command. One that cannot be started, or is ended by the signal, is a command that failed. */
export const play = async ([program = '', ...words]: readonly string[], options: PlayOptions): Promise<Played> => {
  const { cwd, env, signal, show } = options
  const begun = performance.now()
  let [stdout, output] = ['', '']
  const add = (text: string): void => {
    output += text
    show(text)
  }
  const ended = (isGreen: boolean): Played => ({
    ...{ isGreen, stdout, output },
    minutes: (performance.now() - begun) / 60_000
  })
  try {
    const child = spawn(program, words, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      add(text)
    })
    child.stderr.setEncoding('utf8').on('data', add)
    const [code] = await once(child, 'close')
    return ended(code === 0)
  } catch (error) {
    add(`${program}: ${error instanceof Error ? error.message : error}\n`)
    return ended(false)
  }
}
