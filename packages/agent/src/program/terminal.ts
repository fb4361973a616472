import type { Terminal as CommandTerminal } from '@joinery/host/terminal'

/** The surroundings of a command of the agent. */
export interface Terminal extends CommandTerminal {
  /** Whether `out` is a screen: a line on it can be written over. */
  screen: boolean
  /** The exit code of the command, where it is not 0. */
  exit(code: number): void
}
