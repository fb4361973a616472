/** A thing of an earlier cluster on the machine, and the command that takes it away. */
export interface Leftover {
  what: string
  remedy: string
}
