import type { InjectionToken } from 'tsyringe'
import { type ClaimParts, claim } from './agent/claim.ts'
import { type EnrolParts, enrol } from './agent/enrol.ts'
import { type ClusterParts, cluster, type WaitParts, wait } from './agent/reading.ts'
import {
  type ObserveParts,
  type OutcomeParts,
  observe,
  outcome,
  type ProgressParts,
  progress
} from './agent/reports.ts'
import { type ClaimRecoveryParts, claimRecovery } from './recovery/claim-recovery.ts'
import { recover } from './recovery/recover.ts'

export type { Caller } from './agent/sighting.ts'

type Parts = EnrolParts &
  WaitParts &
  ObserveParts &
  ClusterParts &
  ClaimParts &
  ProgressParts &
  OutcomeParts &
  ClaimRecoveryParts

/** The calls that an agent may make: a file for each call of the protocol (design section 4). */
export const agentService = (parts: Parts) => ({
  enrol: enrol(parts),
  wait: wait(parts),
  observe: observe(parts),
  cluster: cluster(parts),
  claim: claim(parts),
  progress: progress(parts),
  outcome: outcome(parts),
  recover: recover(parts),
  claimRecovery: claimRecovery(parts)
})
export type AgentService = ReturnType<typeof agentService>
export const AgentService = Symbol('AgentService') as InjectionToken<AgentService>
