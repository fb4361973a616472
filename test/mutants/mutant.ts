/** A place of the source where a rule stands, and what is put there so that the rule does not hold any more. */
export interface Mutant {
  /** For `--only`. */
  name: string
  /** Of the source, from the root of the project. */
  file: string
  /** In it exactly once. */
  text: string
  instead: string
  /** What does not hold then. */
  rule: string
  /** Test files, each of which must fail then. */
  killedBy: readonly string[]
}
