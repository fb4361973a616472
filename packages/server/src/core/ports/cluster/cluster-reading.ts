import type { InjectionToken } from 'tsyringe'
import type { AccessChecks } from './access-checks.ts'
import type { ApiSight } from './api-sight.ts'
import type { BannedNames } from './banned-names.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import type { Csrs } from './csrs.ts'
import type { Nodes } from './nodes.ts'

/** All that the server reads of the cluster, and the generation that it notes there. No call gives or takes away. */
export interface ClusterReading extends ApiSight, ClusterSettings, Nodes, Csrs, BannedNames, AccessChecks {}
export const ClusterReading = Symbol('ClusterReading') as InjectionToken<ClusterReading>
