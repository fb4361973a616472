import { type Install, type LeadershipStatus, type ServerStatus, type Status, states, version } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { ServerConfig } from '../../core/config/config.ts'
import { type LeafFindings, leafRemedies } from './leaf-remedies.ts'
import { sharedRemedies } from './shared-remedies.ts'

export interface StandbyFindings {
  started: Date
  config: ServerConfig
  pin: Install['pin']
  nextPin: Install['nextPin'] | undefined
  storeFile: string
  leaf: LeafFindings
  now: Date
  leadership: LeadershipStatus
  /** Remedies for the statement that the server signs. */
  unsigned: readonly string[]
  servers: ServerStatus[]
}

/**
 * The status of a server that stands by. It knows nothing of machines: every count is zero, and `leadership` says why. A command
 * of an earlier version shows the zeros.
 */
export const standbyStatus = (findings: StandbyFindings): Status => {
  const { started, config, pin, nextPin, storeFile, leaf, now, leadership, unsigned, servers } = findings
  return {
    version,
    started: started.toISOString(),
    agents: {
      listen: config.agents.listen,
      url: config.agents.address,
      pin,
      ...given({ nextPin }),
      certificateExpires: leaf.expires.toISOString()
    },
    operators: { socket: config.operators.socket },
    ...given({ agentPackage: config.agentPackage }),
    store: { path: storeFile },
    cluster: {},
    enrolments: Object.fromEntries(states.map((state) => [state, 0])) as Status['enrolments'],
    alerts: { count: 0, last: [] },
    leadership,
    ...(servers.length > 0 && { servers }),
    codes: { open: 0 },
    refusals: {},
    remedies: [...leafRemedies(leaf, now), ...unsigned, ...sharedRemedies({ servers, leadership })]
  }
}
