import { apiRules } from './api.ts'
import { certificateRules } from './certificate.ts'
import { diskAndMemoryRules } from './disk-and-memory.ts'
import { imageRules } from './images.ts'
import { kubeletStartRules } from './kubelet-start.ts'
import { networkRules } from './network.ts'
import { podRules } from './pods.ts'
import type { WhyRule } from './rule.ts'
import { runtimeRules } from './runtime.ts'

/**
 * Every rule. The first one that fits a line counts, so the narrow rules stand above the broad ones: an error about a registry is
 * no error about the API server, and a sandbox without its image is not any image.
 */
export const whyRules: readonly WhyRule[] = [
  ...diskAndMemoryRules,
  ...runtimeRules,
  ...certificateRules,
  ...kubeletStartRules,
  ...networkRules,
  ...imageRules,
  ...podRules,
  ...apiRules
]
