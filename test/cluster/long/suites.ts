/** A suite for which CI has no time: `test/cluster/<name>.long.ts`. */
export interface LongSuite {
  name: string
  /** True if machines of the bed play the agent. Else its machines are their protocol alone. */
  hasMachines: boolean
}

/** In the order in which they are played. */
export const longSuites: readonly LongSuite[] = [
  { name: 'any-machine', hasMachines: true },
  { name: 'power-cuts', hasMachines: true },
  { name: 'why', hasMachines: true },
  { name: 'fleet', hasMachines: true },
  { name: 'way-back', hasMachines: true },
  { name: 'older-kubelet', hasMachines: true },
  { name: 'next-minor', hasMachines: true },
  { name: 'control-plane-machine', hasMachines: true },
  { name: 'control-plane-certificate', hasMachines: true },
  { name: 'control-plane-external-etcd', hasMachines: true },
  { name: 'control-plane-way-back', hasMachines: true },
  { name: 'servers', hasMachines: true },
  { name: 'log-by-hand', hasMachines: false },
  { name: 'log-trouble', hasMachines: false }
]

/** Git's pathspecs of all that the suite is about. */
export const pathsOf = ({ name, hasMachines }: LongSuite): string[] => {
  const others = longSuites.filter((suite) => suite.name !== name).map((suite) => `test/cluster/${suite.name}.long.ts`)
  const without = [
    ...[
      'packages/*/test/*',
      'packages/testing/src/judges',
      'packages/console',
      'test/cluster/order',
      'test/cluster/long'
    ],
    ...['*.md', '*.test.ts', '*.cluster.ts', ...others],
    ...(hasMachines ? [] : ['packages/agent', 'packaging/agent'])
  ]
  return [
    ...['packages', 'packaging', 'systemd', 'pnpm-lock.yaml', 'test/cluster', 'test/contract', 'test/faults'],
    ...without.map((path) => `:(exclude)${path}`)
  ]
}
