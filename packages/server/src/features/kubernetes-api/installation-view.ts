import { hostAndPort, type StatementAnswer, version } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import type { ClusterEndpoint } from '../../core/ports/cluster/cluster-settings.ts'
import type { AgentPackage } from '../../core/ports/store/agent-packages.ts'
import type { Reached } from '../../core/services/code/other-servers.ts'
import { installationConditions } from './conditions.ts'

/** The view of this installation: what a machine needs to find and trust the server, as it would stand in its user-data. */
export const installationView = (
  identity: Reached,
  endpoint: Pick<ClusterEndpoint, 'server'>,
  agentPackage: AgentPackage | undefined,
  signed: StatementAnswer | undefined
): InstallationView => ({
  ...identity,
  conditions: installationConditions(identity, signed),
  apiEndpoint: hostAndPort(endpoint.server),
  ...given({ package: agentPackage }),
  version,
  ...given({ statement: signed?.statement, signedNextPin: signed?.nextPin })
})
