/** A place of the source where a rule stands, and what is put there so that the rule does not hold any more. */
export interface Mutant {
  /** Of the source, from the root of the project. */
  file: string
  /** In it exactly once. */
  text: string
  instead: string
  /** What does not hold then. */
  rule: string
  /** The test file that must fail then. */
  killedBy: string
}

/** The rows of a theme, by their names, which are for `--only`. */
export type Mutants = Readonly<Record<string, Mutant>>

/** Why the mutant cannot be made of this source of its file, in words; undefined if it can. */
export const misfit = (source: string, { file, text, instead }: Mutant): string | undefined => {
  const times = source.split(text).length - 1
  if (times !== 1) return `${file} has its text ${times} times`
  return text === instead ? 'it changes nothing' : undefined
}

/** The source with the rule taken away. The text is taken as it is, `$&` and the like, too. */
export const mutated = (source: string, { text, instead }: Mutant): string => source.replace(text, () => instead)
