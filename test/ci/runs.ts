/** A whole run, for `test/runs.md`. */
export interface Run {
  /** Command that ran. */
  what: string
  commit: string
  date: string
  /** Load average of the last minute, at the start. */
  load: number
  passed: number
  failed: number
  flakes: number
}

/** The line of a run for the table of `test/runs.md`. */
export const runLine = ({ what, commit, date, load, passed, failed, flakes }: Run): string =>
  `| ${date} | ${commit} | ${what} | ${load.toFixed(1)} | ${passed} passed, ${failed} failed | ${flakes} |`
