import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import type { Plugin } from './plugin.ts'

/** Plugins that run before the policies, in the order of a real API server (kubeapiserver/options, plugins.go). */
export const mutatingPlugins: readonly Plugin[] = [namespaceLifecycle, nodeRestriction]

/** Plugins that see the object as it is to be stored. */
export const validatingPlugins: readonly Plugin[] = [
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction
]
