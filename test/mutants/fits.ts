import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mutant } from './mutant.ts'

/** Why the mutant cannot be made of the project at `root`, in words; undefined if it can. */
export const misfit = async (root: string, { file, text, instead }: Mutant): Promise<string | undefined> => {
  const source = await readFile(join(root, file), 'utf8').catch(() => undefined)
  if (source === undefined) return `there is no ${file}`
  const times = source.split(text).length - 1
  if (times !== 1) return `${file} has its text ${times} times`
  return text === instead ? 'it changes nothing' : undefined
}

/** The source with the rule taken away. The text is taken as it is, `$&` and the like, too. */
export const mutated = (source: string, { text, instead }: Mutant): string => source.replace(text, () => instead)
