import { hostAndPort } from '@joinery/protocol'
import { apiServerUrl } from '../cluster/kubernetes/endpoint.ts'
import type { ServerConfig } from '../config/config.ts'
import { type StatementParts, Statements } from '../trust/statements.ts'

/** The statement of a server with this configuration. */
export const statementsOf = (
  { state, agents, apiEndpoint }: ServerConfig,
  parts: Pick<StatementParts, 'others' | 'agentPackage' | 'clock' | 'log'>
): Statements =>
  new Statements({
    ...parts,
    state,
    server: agents.address,
    apiEndpoint: apiEndpoint && hostAndPort(apiServerUrl(apiEndpoint))
  })
