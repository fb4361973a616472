import type { LongRun } from './runs.ts'
import { type LongSuite, pathsOf } from './suites.ts'

/** The suites that have not passed since something changed that they are about. `changed` compares a commit with the present. */
export const dueSuites = (
  suites: readonly LongSuite[],
  runs: readonly LongRun[],
  changed: (commit: string, paths: readonly string[]) => boolean
): LongSuite[] =>
  suites.filter((suite) => {
    const last = runs.find((run) => run.suite === suite.name)
    return last?.result !== 'passed' || changed(last.commit, pathsOf(suite))
  })
