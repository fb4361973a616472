import { createHash } from 'node:crypto'
import { setupRemedy } from '@joinery/kube'
import { manifestStream } from '@joinery/kube/manifests'
import type { SetupParts } from '../config/cluster-parts.ts'
import type { FixedFacts } from './fixed-facts.ts'

/**
 * Digest of all that `setup` of this version makes in a cluster for these parts. It depends on nothing of the cluster, so that a server
 * without one knows whether its setup was made by this version.
 */
export const setupDigest = (parts: SetupParts): string =>
  createHash('sha256')
    .update(manifestStream({ ...parts, kubeProxy: true }))
    .digest('hex')

/** Something that a server lacks of its setup: a stable code for the log, a sentence, and the command that helps. */
export interface SetupLack {
  problem: 'setup-missing' | 'setup-outdated'
  cause: string
  remedy: string
}

/** Tells whether a server lacks its setup, by the facts that `setup` fixed on this host. Undefined if it lacks nothing. `wanted`: see `setupDigest`. */
export const lackOfSetup = (facts: FixedFacts | undefined, wanted: string): SetupLack | undefined => {
  if (facts === undefined) {
    const cause =
      'This server cannot sign where it is and where the cluster is, so no user-data is made over Kubernetes, and machines learn no further server'
    return { problem: 'setup-missing', cause, remedy: setupRemedy }
  }
  if (facts.setup === wanted) return undefined
  const cause =
    'The setup of this host is of another version or configuration of joinery-server, so the cluster may lack policies, rights or kinds that this one needs'
  return { problem: 'setup-outdated', cause, remedy: setupRemedy }
}
