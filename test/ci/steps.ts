/** A script of package.json that `.ci/run` plays. */
export interface Step {
  script: string
  /** Globs of the test files that it plays. Absent: it makes what later steps test, so that they are not played if it fails. */
  files?: readonly string[]
}

/**
 * The steps behind `check`, which `.ci/run` plays itself, since that installs the Node that runs this. Those of a row run beside each other:
 * one computes, and the other waits more than it computes.
 */
export const rows: readonly (readonly Step[])[] = [
  [{ script: 'test', files: ['test/together/!(slow-*).test.ts'] }],
  [{ script: 'test:slow', files: ['test/together/slow-*.test.ts'] }, { script: 'package' }],
  [
    { script: 'test:packages', files: ['test/packages/*.packages.ts'] },
    { script: 'test:cluster', files: ['test/cluster/*.cluster.ts'] }
  ]
]
