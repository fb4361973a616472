/** Counts of one kind in a json-summary, as istanbul and c8 write it. */
export interface Coverage {
  total: number
  covered: number
  pct: number
}

/** One entry of a json-summary: `total`, or a file by its path. */
export type FileCoverage = Record<Measure, Coverage>
export type Summary = Record<string, FileCoverage>

export const measures = ['statements', 'branches', 'functions', 'lines'] as const
export type Measure = (typeof measures)[number]

export interface Floor {
  /** Least percentage of each measure over all files together. */
  total: Record<Measure, number>
  /** Least percentage of each measure in each file that is not an exception. */
  file: Partial<Record<Measure, number>>
  /** Path from the root of the project to the reason why its file may be below. Such a file still counts in the total. */
  exceptions: Record<string, string>
}

/**
 * What of a coverage summary is below the floor, a line each; none if all is well. An exception that is not needed is a
 * fault as well, so that the list only holds what is true. `root`: the folder that paths of the summary begin with.
 */
export const belowFloor = (summary: Summary, { total, file, exceptions }: Floor, root: string): string[] => {
  const { total: all, ...files } = summary
  if (all === undefined || all.lines.total === 0) return ['the summary measures nothing']
  const below = new Map(
    Object.entries(files).map(([path, found]) => [pathFrom(root, path), lacks(found, file)] as const)
  )
  return [
    ...lacks(all, total).map((lack) => `all files: ${lack}`),
    ...[...below].flatMap(([path, found]) => (path in exceptions ? [] : found.map((lack) => `${path}: ${lack}`))),
    ...Object.keys(exceptions).flatMap((path) => needless(path, below.get(path)))
  ]
}

const lacks = (found: FileCoverage, floor: Partial<Record<Measure, number>>): string[] =>
  measures.flatMap((measure) => {
    const { pct } = found[measure]
    const least = floor[measure]
    return least === undefined || pct >= least ? [] : [`${pct} % of ${measure}, and ${least} % is the floor`]
  })

const needless = (path: string, below: string[] | undefined): string[] => {
  if (below === undefined) return [`${path}: is an exception, and was not measured: take it off the list`]
  return below.length === 0 ? [`${path}: is an exception, and is not below the floor: take it off the list`] : []
}

const pathFrom = (root: string, path: string): string =>
  path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
