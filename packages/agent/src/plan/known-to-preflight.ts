import { given } from '@joinery/protocol/given'
import type { PreflightInput } from '../machine/preflight/check/preflight-input.ts'
import type { AgentConfig } from '../program/config.ts'
import type { Memory } from './observe.ts'
import type { EffectivePolicy } from './policy.ts'

/** The input that the daemon can give preflight, from its configuration, the code's policy and the last survey. */
export const knownToPreflight = (
  config: AgentConfig,
  { enrolment, known, survey }: Memory,
  policy: EffectivePolicy,
  ownEarlierJoin = false
): PreflightInput => {
  const nodeName = typeof enrolment === 'object' ? enrolment.name : config.name
  return {
    role: known?.role ?? 'worker',
    ...given({ apiEndpoint: config.apiEndpoint }),
    pairingServer: config.server,
    ...given({ furtherServers: config.servers }),
    ...given({ nodeName, nodeIp: config.nodeIp }),
    ...policy,
    ...(ownEarlierJoin && { ownEarlierJoin }),
    ...(survey && { surveyed: true, ...survey.value })
  }
}
