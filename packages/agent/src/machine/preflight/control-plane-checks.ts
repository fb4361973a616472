import type { PreflightCheck } from './check.ts'
import { controlPlaneEndpoint } from './control-plane-endpoint.ts'
import { controlPlaneLeftovers } from './control-plane-leftovers.ts'
import { controlPlaneSize } from './control-plane-size.ts'
import { etcdMembers } from './etcd-members.ts'
import { fixedAddress } from './fixed-address.ts'
import type { PreflightInput } from './preflight-input.ts'

/** What a control plane needs beside what every node does, in the order in which it is reported. */
export const controlPlaneChecks = (input: PreflightInput): PreflightCheck[] => [
  controlPlaneSize,
  controlPlaneLeftovers,
  fixedAddress(input),
  controlPlaneEndpoint(input.cluster?.controlPlaneEndpoint),
  etcdMembers(input.cluster)
]
