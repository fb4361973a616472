import type { UnguardedCluster } from '../../core/ports/cluster/unguarded-cluster.ts'

/** Calls to the cluster that ask the API server. */
export const clusterCalls = [
  'version',
  'endpoint',
  'publishedEndpoint',
  'apiHosts',
  'network',
  'nodeConfiguration',
  'imageSight',
  'publishesClusterInfo',
  'nameHolder',
  'nodePods',
  'boundPods',
  'autoApproval',
  'policyGaps',
  'createToken',
  'deleteToken',
  'kubeletCsrs',
  'servingCsrs',
  'approveCsr',
  'denyCsr',
  'createOwnCsr',
  'ownCsr',
  'deleteOwnCsr',
  'nodes',
  'nodeSight',
  'podSight',
  'daemonSets',
  'setLabelsAndTaints',
  'removeStartupTaint',
  'deleteNode',
  'ban',
  'bans',
  'unban',
  'generation',
  'noteGeneration',
  'settleBannedLeases'
] as const satisfies (keyof UnguardedCluster)[]

/** Calls for the views in Kubernetes, and for the Decisions and Codes of operators. */
export const viewCalls = ['page', 'read', 'put', 'remove'] as const
export const askedCalls = ['page', 'probe', 'guardedSince', 'settle', 'delete'] as const

/** The parts of the server that speak to the API server. */
export const parts = ['cluster', 'views', 'decisions', 'codes'] as const
export type Part = (typeof parts)[number]

const everyCall = [...clusterCalls, ...viewCalls, ...askedCalls] as const
export type Call = (typeof everyCall)[number]
export const calls: readonly Call[] = [...new Set(everyCall)]

/**
 * - conflict: another version of the object was there; the server looks again
 * - refused: the API server does not take the object as it is
 * - error: the API server did not answer, could not serve, or forbade it
 */
export const callOutcomes = ['ok', 'conflict', 'refused', 'error'] as const
export type CallOutcome = (typeof callOutcomes)[number]
