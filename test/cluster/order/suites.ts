/** A suite that CI runs: `test/cluster/<name>.cluster.ts`. */
export interface Suite {
  name: string
  /** The most processors that its machines have at one time. */
  processors: number
  /** Time that it takes on two cores of a usual host, in seconds, beside another one. */
  seconds: number
  /** Why CI plays it even if none of its inputs changed since it passed. */
  always?: string
}

/** The suites, the longest first. */
export const suites: readonly Suite[] = [
  { name: 'machine', processors: 3, seconds: 463 },
  { name: 'spine', processors: 2, seconds: 440 },
  // its host emulates the whole server, which must answer within the command's own limit
  { name: 'install', processors: 3, seconds: 421 },
  { name: 'certificate', processors: 1, seconds: 320 },
  { name: 'rebuilt', processors: 1, seconds: 300 },
  { name: 'contract', processors: 0, seconds: 299, always: 'a contract with a program of others' },
  { name: 'control-plane', processors: 2, seconds: 277 },
  { name: 'servers', processors: 0, seconds: 255, always: 'it kills at moments that chance chooses' },
  { name: 'door-server', processors: 0, seconds: 167 },
  { name: 'door-command', processors: 0, seconds: 156 },
  { name: 'attacks', processors: 0, seconds: 141, always: 'it attacks' },
  { name: 'join-command', processors: 2, seconds: 113 },
  { name: 'decide-by-program', processors: 0, seconds: 67 },
  { name: 'restored', processors: 0, seconds: 57 },
  { name: 'door', processors: 0, seconds: 140, always: 'what the policies refuse' },
  { name: 'log', processors: 0, seconds: 48, always: 'a contract with a program of others' }
]
