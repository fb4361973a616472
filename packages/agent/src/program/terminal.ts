/** What a command may do to its surroundings: `out` takes data, `err` messages; both want whole lines. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Whether `out` takes colours. */
  colour: boolean
  /** Whether `out` is a screen: a line on it can be written over. */
  screen: boolean
  /** The exit code of the command, where it is not 0. */
  exit(code: number): void
}
