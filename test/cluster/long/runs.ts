/** The last run of a long suite. */
export interface LongRun {
  suite: string
  /** The day on which it ended, as `2026-11-30`. */
  date: string
  /** What it played. */
  commit: string
  result: 'passed' | 'failed'
  /** In seconds. */
  took: number
}

const row = /^\| (\S+) \| (\S+) \| (\S+) \| (passed|failed) \| (\d+) s \|$/

/** The runs in the table of a page. */
export const readRuns = (page: string): LongRun[] =>
  page.split('\n').flatMap((line) => {
    const [, suite, date, commit, result, took] = row.exec(line) ?? []
    if (suite === undefined || date === undefined || commit === undefined) return []
    return [{ suite, date, commit, result: result === 'passed' ? 'passed' : 'failed', took: Number(took) }]
  })

/** The page with this run in place of the earlier one of its suite. The table is the end of the page. */
export const withRun = (page: string, run: LongRun): string => {
  const runs = [...readRuns(page).filter(({ suite }) => suite !== run.suite), run]
  const rows = runs
    .toSorted((one, other) => (one.suite < other.suite ? -1 : 1))
    .map(
      ({ suite, date, commit, result, took }) =>
        `| ${suite} | ${date} | ${commit} | ${result} | ${Math.round(took)} s |`
    )
  const text = page.split('\n').filter((line) => !row.test(line))
  return `${[...text.join('\n').trimEnd().split('\n'), ...rows].join('\n')}\n`
}
