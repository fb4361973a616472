import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { run } from '@joinery/cli/testing/program'
import { exec } from '@joinery/cli/testing/terminal'
import { buildConsole, folder } from '@joinery/console/build'

export interface DemoConsole {
  close(): Promise<unknown>
}

/** Runs `joinery console` for the demo, whose page is built the first time. `told` gets the link. */
export const startConsole = async (socket: string, told: (link: string) => void): Promise<DemoConsole> => {
  if (!existsSync(join(folder, 'index.html'))) await buildConsole()
  const endings = new Set<() => void>()
  const ended = run(['--socket', socket, 'console', '--no-open', '--lifetime', '24h'], {
    out: () => {},
    // the demo says what the command would say
    err: () => {},
    deliver: async (text) => told(text.trim()),
    now: () => new Date(),
    pause: (milliseconds) => setTimeout(milliseconds),
    onInterrupt: (ending) => {
      endings.add(ending)
      return () => endings.delete(ending)
    },
    exec,
    colour: false
  })
  return {
    close: () => {
      for (const end of endings) end()
      return ended
    }
  }
}
