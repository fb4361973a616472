import type { PreflightCheck } from './check/check.ts'
import type { PreflightInput } from './check/preflight-input.ts'
import { controlPlaneEndpoint } from './control-plane/control-plane-endpoint.ts'
import { controlPlaneLeftovers } from './control-plane/control-plane-leftovers.ts'
import { controlPlaneSize } from './control-plane/control-plane-size.ts'
import { etcdMembers } from './control-plane/etcd-members.ts'
import { fixedAddress } from './network/fixed-address.ts'

/** The additional checks of a control plane, in the order in which they are reported. */
export const controlPlaneChecks = (input: PreflightInput): PreflightCheck[] => [
  controlPlaneSize,
  controlPlaneLeftovers,
  fixedAddress(input),
  controlPlaneEndpoint(input.cluster?.controlPlaneEndpoint),
  etcdMembers(input.cluster)
]
