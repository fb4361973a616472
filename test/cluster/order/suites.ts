/** A suite that CI runs: `test/cluster/<name>.cluster.ts`. */
export interface Suite {
  name: string
  /** The most processors that its machines have at one time. */
  processors: number
}

/** The suites, the longest first: one that takes long and begins late would run alone at the end. */
export const suites: readonly Suite[] = [
  { name: 'power-cuts', processors: 1 },
  { name: 'any-machine', processors: 3 },
  // its host emulates the whole server, which must answer within the command's own limit
  { name: 'install', processors: 3 },
  { name: 'spine', processors: 2 },
  { name: 'machine', processors: 3 },
  { name: 'why', processors: 2 },
  { name: 'control-plane', processors: 2 },
  { name: 'rebuilt', processors: 1 },
  { name: 'contract', processors: 0 },
  { name: 'join-command', processors: 2 },
  { name: 'servers', processors: 0 },
  { name: 'certificate', processors: 1 },
  { name: 'door-server', processors: 0 },
  { name: 'attacks', processors: 0 },
  { name: 'log', processors: 0 },
  { name: 'decide-by-program', processors: 0 },
  { name: 'door-command', processors: 0 },
  { name: 'door', processors: 0 },
  { name: 'restored', processors: 0 }
]
