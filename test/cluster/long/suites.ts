import { loaded } from '../../layout/loaded.ts'

/** A suite for which CI has no time: `test/cluster/<name>.long.ts`. */
export interface LongSuite {
  name: string
  /** True if machines of the bed play the agent. Else its machines are their protocol alone. */
  hasMachines: boolean
  /** Folders of `../go` with programs that it has beside those of the bed. */
  modules?: readonly string[]
}

const ofPods = ['cni-flannel', 'coredns', 'flannel', 'pods']

/** In the order in which they are played. */
export const longSuites: readonly LongSuite[] = [
  { name: 'any-machine', hasMachines: true },
  { name: 'power-cuts', hasMachines: true },
  { name: 'why', hasMachines: true },
  { name: 'fleet', hasMachines: true },
  { name: 'way-back', hasMachines: true },
  { name: 'upgrade', hasMachines: true },
  { name: 'older-kubelet', hasMachines: true, modules: ['1.35'] },
  { name: 'next-minor', hasMachines: true, modules: ['1.38'] },
  { name: 'pods', hasMachines: true, modules: ofPods },
  { name: 'conformance', hasMachines: true, modules: ofPods },
  { name: 'control-plane-machine', hasMachines: true },
  { name: 'control-plane-certificate', hasMachines: true },
  { name: 'control-plane-external-etcd', hasMachines: true },
  { name: 'control-plane-way-back', hasMachines: true },
  { name: 'servers', hasMachines: true },
  { name: 'log-by-hand', hasMachines: false },
  { name: 'log-trouble', hasMachines: false }
]

/** What each suite is about. The bed starts programs by their paths, whatever a suite imports. */
const ofAll = [
  ...['packages', 'packaging', 'systemd', 'pnpm-lock.yaml', 'test/cluster/bed', 'test/cluster/inside'],
  ...['1.37', 'containerd', 'cri-tools', 'etcd'].map(moduleOf)
]
const ofNone = ['packages/*/test/*', 'packages/testing/src/judges', 'packages/console', '*.md', '*.test.ts']

/** Git's pathspecs of all that the suite is about: the programs, the bed, and what it imports of the tests. */
export const pathsOf = ({ name, hasMachines, modules = [] }: LongSuite): string[] => {
  const imported = [...loaded(`test/cluster/${name}.long.ts`)].filter((file) => file.startsWith('test/'))
  const without = [
    ...ofNone,
    ...(hasMachines ? [] : ['packages/agent', 'packages/fake-machine', 'packaging/debian/agent'])
  ]
  return [...ofAll, ...modules.map(moduleOf), ...imported, ...without.map((path) => `:(exclude)${path}`)]
}

function moduleOf(name: string): string {
  return `test/cluster/go/${name}`
}
