/** What a command may do to its surroundings: `out` takes data, `err` messages; both want whole lines. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Whether `out` takes colours. */
  colour: boolean
}
