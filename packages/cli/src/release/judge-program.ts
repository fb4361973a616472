import type { RunningProgram } from '../terminal/terminal.ts'
import type { OwnPackage } from './own-package.ts'

/** Reasons why a program is not taken for that of a release. docs/how-to/upgrade.md explains each. */
export const releaseProblems = [
  'sums-unreadable',
  'programs-changed',
  'program-unknown',
  'program-changed',
  'runtime-changed',
  'signature-missing',
  'signature-wrong'
] as const
export type ReleaseProblem = (typeof releaseProblems)[number]

export interface Found {
  /** SHA-256 of the files that are there, by their paths below the root. */
  files: ReadonlyMap<string, string>
  running: Pick<RunningProgram, 'runtime'>
}

/** The reason why a program is refused: its code, and the cause in plain words. */
export interface Verdict {
  code: ReleaseProblem
  cause: string
}

/** Judges what lies here of a package. Undefined if each file is that of the release, and its Node is the one that runs. */
export const judgeProgram = (
  { name, root, files }: OwnPackage,
  { files: found, running }: Found
): Verdict | undefined => {
  const wrong = [...files].filter(([path, hash]) => found.get(path) !== hash).map(([path]) => path)
  if (wrong.length > 0) {
    const said = wrong.slice(0, shown).map((path) => `${root}${path}${found.has(path) ? '' : ' (it is not there)'}`)
    const more = wrong.length > shown ? ` and ${wrong.length - shown} more` : ''
    return { code: 'program-changed', cause: `not as ${name} of the release has it: ${said.join(', ')}${more}` }
  }
  const runtime = runtimeOf([...files.keys()])
  if (runtime === undefined || `${root}${runtime}` === running.runtime) return undefined
  return { code: 'runtime-changed', cause: `it runs on ${running.runtime}, and not on ${root}${runtime}` }
}

/** Most paths that a refusal names. */
const shown = 5

/** Path of the Node that a package brings. Undefined if it brings none, as the one for npm. */
export const runtimeOf = (paths: readonly string[]): string | undefined =>
  paths.find((path) => /(^|\/)node$/.test(path))
