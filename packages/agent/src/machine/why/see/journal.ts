import { CommandError, type Exec } from '@joinery/host/exec'

/** Numbers of lines that are asked for, until the answer is short enough to be read. */
const counts = [400, 100, 25] as const

/**
 * The last lines of the unit's journal, the oldest first. `recent`: only those of the last minute; a unit that runs well has older
 * lines about things that are over. Rejects with CommandError.
 */
export const seeJournal = async (exec: Exec, unit: string, recent: boolean): Promise<string[]> => {
  for (const count of counts) {
    try {
      return linesOf(await exec(journalCommand(unit, count, recent), { timeout: 10_000 }))
    } catch (error) {
      if (!isTooLong(error) || count === counts.at(-1)) throw error
    }
  }
  return []
}

/** The command that prints the last lines of a unit in this boot. */
export const journalCommand = (unit: string, count: number, recent: boolean): string[] => [
  'journalctl',
  `--unit=${unit}`,
  '--boot',
  `--lines=${count}`,
  ...(recent ? ['--since=-1min'] : []),
  '--output=cat',
  '--no-pager'
]

const isTooLong = (error: unknown): boolean =>
  error instanceof CommandError && error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'

const linesOf = (printed: string): string[] =>
  printed
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, 4096))
