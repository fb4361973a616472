import { type AgentStatus, escapeText } from '@joinery/protocol'
import type { Terminal } from '../program/terminal.ts'
import { endOf, frameOf } from './watch-lines.ts'

export interface Watch {
  read: () => Promise<AgentStatus>
  /** Lets a moment pass. */
  pause: () => Promise<void>
  terminal: Terminal
  /** Number of columns of the screen. */
  columns: number
}

/** Shows each change until the node is Ready, or until only a person can go on. */
export const watchStatus = async ({ read, pause, terminal, columns }: Watch): Promise<number> => {
  let shown = ''
  let below = ''
  for (;;) {
    const status = await read()
    const { line, bar = '' } = frameOf(status, terminal.screen)
    if (line !== shown) terminal.out(`${below && wipe}${line}\n`)
    const drawn = bar.slice(0, columns - 1)
    if (drawn !== below || (drawn !== '' && line !== shown)) terminal.out(`${wipe}${drawn}`)
    shown = line
    below = drawn
    const code = endOf(status)
    if (code !== undefined) {
      for (const command of status.remedy) terminal.err(`remedy: ${escapeText(command)}\n`)
      return code
    }
    await pause()
  }
}

const wipe = '\r\x1b[2K'
