import type { Mutant } from './mutant.ts'

/** Why the mutant cannot be made of this source of its file, in words; undefined if it can. */
export const misfit = (source: string, { file, text, instead }: Mutant): string | undefined => {
  const times = source.split(text).length - 1
  if (times !== 1) return `${file} has its text ${times} times`
  return text === instead ? 'it changes nothing' : undefined
}

/** The source with the rule taken away. The text is taken as it is, `$&` and the like, too. */
export const mutated = (source: string, { text, instead }: Mutant): string => source.replace(text, () => instead)
