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

/**
 * The suites in the order in which they begin. Two that can run beside each other are near each other, and one with many processors is not
 * left for the end. Those at the end have cousins before them: on a host that is too slow they are left out.
 */
export const suites: readonly Suite[] = [
  // its host emulates the whole server, which must answer within the command's own limit
  { name: 'install', processors: 3, seconds: 421 },
  { name: 'contract', processors: 0, seconds: 299, always: 'a contract with a program of others' },
  { name: 'spine', processors: 2, seconds: 440 },
  { name: 'certificate', processors: 1, seconds: 307 },
  { name: 'control-plane', processors: 2, seconds: 277 },
  { name: 'rebuilt', processors: 1, seconds: 262 },
  { name: 'join-command', processors: 2, seconds: 113 },
  { name: 'servers', processors: 0, seconds: 255, always: 'it kills at moments that chance chooses' },
  { name: 'machine', processors: 3, seconds: 463 },
  { name: 'door-server', processors: 0, seconds: 167 },
  { name: 'door-command', processors: 0, seconds: 156 },
  { name: 'attacks', processors: 0, seconds: 141, always: 'it attacks' },
  { name: 'door', processors: 0, seconds: 53, always: 'what the policies refuse' },
  { name: 'log', processors: 0, seconds: 48, always: 'a contract with a program of others' },
  { name: 'decide-by-program', processors: 0, seconds: 67 },
  { name: 'restored', processors: 0, seconds: 57 },
  { name: 'any-machine', processors: 3, seconds: 450 },
  { name: 'power-cuts', processors: 1, seconds: 560 },
  { name: 'why', processors: 2, seconds: 355 }
]
