/** A script of package.json that `.ci/run` plays. */
export interface Step {
  script: string
  /** Globs of the test files that it plays. Absent: it has none that could be played again. */
  files?: readonly string[]
}

/**
 * The steps behind `check`, which `.ci/run` plays itself, since that installs the Node that runs this. The lanes run beside each other,
 * the steps of a lane one after the other. The first lane computes, and has what the machines of the second leave it of the processor: a
 * test waits for what it looks at, and a kubeadm gives up. A lane that makes something ends where that fails.
 */
export const lanes: readonly { isPatient: boolean; steps: readonly Step[] }[] = [
  {
    isPatient: true,
    steps: [
      { script: 'test', files: ['test/together/!(slow-*).test.ts'] },
      { script: 'test:slow', files: ['test/together/slow-*.test.ts'] }
    ]
  },
  {
    isPatient: false,
    steps: [
      { script: 'package' },
      { script: 'test:packages', files: ['test/packages/*.packages.ts'] },
      { script: 'test:cluster', files: ['test/cluster/*.cluster.ts'] }
    ]
  }
]
