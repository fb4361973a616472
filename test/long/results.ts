/** What became of a part of `pnpm test:long` when it was last played. */
export interface PartResult {
  /** What was played: a commit, or undefined where no commit had it. */
  commit?: string
  passed: boolean
  minutes: number
}

/** Results by the names of the parts. */
export type Results = Readonly<Record<string, PartResult>>

/** The parts that are played: those that are named, or all that have not passed at this commit. */
export const partsToPlay = (
  parts: readonly string[],
  named: readonly string[],
  results: Results,
  commit: string | undefined
): string[] => {
  if (named.length > 0) return parts.filter((part) => named.includes(part))
  const hasPassed = (part: string): boolean =>
    commit !== undefined && results[part]?.commit === commit && results[part].passed
  return parts.filter((part) => !hasPassed(part))
}

/** The table of all parts: name, minutes, result, and the commit where that is another one. */
export const tableOf = (parts: readonly string[], results: Results, commit: string | undefined): string => {
  const width = Math.max(...parts.map(({ length }) => length))
  const rows = parts.map((part) => {
    const result = results[part]
    if (result === undefined) return `${part.padEnd(width)}  ${'-'.padStart(7)}  not played`
    const { passed, minutes } = result
    const at =
      result.commit === commit && commit !== undefined ? '' : ` (${result.commit ?? 'changes that no commit has'})`
    return `${part.padEnd(width)}  ${minutes.toFixed(1).padStart(7)}  ${passed ? 'passed' : 'FAILED'}${at}`
  })
  return [`${'suite'.padEnd(width)}  minutes  result`, ...rows].join('\n')
}
