import type { Terminal as CommandTerminal } from '@joinery/host/terminal'

/** The surroundings of a command of the agent. */
export interface Terminal extends CommandTerminal {
  /** True if `out` is a screen, on which a line can be written over. */
  screen: boolean
  /** Sets the exit code of the command, if it is not 0. */
  exit(code: number): void
}
