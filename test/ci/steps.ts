/** A script of package.json that CI runs. */
export interface Step {
  script: string
  /** Test files that it plays. Absent: it has none that could be played again. */
  files?: readonly string[]
  /** Script without which this one has nothing to test. */
  needs?: string
}

/**
 * All steps of CI, which are the README's commands in their order. Those of a row run beside each other: the first computes, the
 * others wait more than they compute. `.ci/run` itself runs `check`, since that installs the Node that runs this.
 */
export const rows: readonly (readonly Step[])[] = [
  [{ script: 'check' }],
  [{ script: 'test', files: ['test/together/!(slow-*).test.ts'] }],
  [{ script: 'test:slow', files: ['test/together/slow-*.test.ts'] }],
  [{ script: 'package' }, { script: 'test:faults' }],
  [{ script: 'test:packages', files: ['test/packages/*.packages.ts'], needs: 'package' }],
  [{ script: 'test:cluster', files: ['test/cluster/*.cluster.ts'], needs: 'package' }]
]

/** Minutes after which a run is ended from outside, and nothing of it counts. */
const limit = 90

/**
 * Minutes for the suites of the cluster in a run that has taken so many. On a slow host the last suites are left out, and told: see
 * JOINERY_SUITES_WITHIN.
 */
export const minutesForSuites = (elapsed: number): number => Math.min(60, Math.floor(limit - 10 - elapsed))

/** Minutes for what is played again in a run that has taken so many: the last words of a run must still be said. */
export const minutesForReplays = (elapsed: number): number => limit - 3 - elapsed
