/** The surroundings of a command: `out` takes data, `err` takes messages. Both want whole lines. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** True if `out` takes colours. */
  colour: boolean
}
