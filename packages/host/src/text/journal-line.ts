/** Priorities of systemd for pino's levels, from the highest. */
const priorities: readonly (readonly [level: number, priority: number])[] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
  [0, 7]
]

/**
 * A line of pino's log for systemd's journal. The journal takes `<4>` before the line as its priority: `journalctl
 * --priority warning` finds it.
 */
export const journalLine = (line: string): string => `${journalPriority(line)}${line}`

/** The priority of a line of pino's log, as the journal takes it: `<4>`. */
export const journalPriority = (line: string): string => {
  const level = Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 30)
  const [, priority] = priorities.find(([from]) => level >= from) ?? [0, 7]
  return `<${priority}>`
}

/**
 * True if an output is the journal itself. systemd names the journal's in JOURNAL_STREAM. A shell below a service
 * inherits that variable, while its output is a terminal.
 */
export const isJournal = (
  { JOURNAL_STREAM }: { JOURNAL_STREAM?: string | undefined },
  { dev, ino }: { dev: number; ino: number }
): boolean => JOURNAL_STREAM === `${dev}:${ino}`
