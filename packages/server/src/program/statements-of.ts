import { hostAndPort } from '@joinery/protocol'
import { apiServerUrl } from '../adapters/kubernetes/endpoint.ts'
import { clusterPartsOf } from '../core/config/cluster-parts.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { setupDigest } from '../core/trust/setup-lack.ts'
import { type StatementParts, Statements } from '../core/trust/statements.ts'

/** The statement of a server with this configuration. */
export const statementsOf = (
  config: ServerConfig,
  parts: Pick<StatementParts, 'others' | 'agentPackage' | 'clock' | 'log'>
): Statements => {
  const { state, agents, apiEndpoint } = config
  return new Statements({
    ...parts,
    state,
    server: agents.address,
    apiEndpoint: apiEndpoint && hostAndPort(apiServerUrl(apiEndpoint)),
    setup: setupDigest(clusterPartsOf(config))
  })
}
