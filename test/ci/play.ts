import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A command that ended. */
export interface Played {
  isGreen: boolean
  /** Its standard output: there a line of tap is whole, whatever is said beside it. `output` has both streams. */
  stdout: string
  output: string
  minutes: number
}

/** Runs a command, to be ended by the signal. One that cannot be started, or that the signal ends, is a command that failed. */
export const play = async (
  [program = '', ...words]: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal }
): Promise<Played> => {
  const begun = performance.now()
  const played = { isGreen: false, stdout: '', output: '' }
  try {
    const child = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      played.stdout += text
      played.output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (played.output += text))
    const [code] = await once(child, 'close')
    played.isGreen = code === 0
  } catch (error) {
    played.output += `${program}: ${error instanceof Error ? error.message : error}\n`
  }
  return { ...played, minutes: (performance.now() - begun) / 60_000 }
}
