import { apiEndpoint } from './api-endpoint.ts'
import type { PreflightCheck } from './check.ts'
import { clockSkew } from './clock-skew.ts'
import { controlPlanes } from './control-planes.ts'
import { firewall } from './firewall.ts'
import { mtu } from './mtu.ts'
import { networkOverlap } from './network-overlap.ts'
import { nodeIp } from './node-ip.ts'
import { pairingServer } from './pairing-server.ts'
import type { PreflightInput } from './preflight-input.ts'
import { proxy } from './proxy.ts'
import { reachability } from './reachability.ts'

/** What a join needs of the network around the machine, in the order in which it is reported. */
export const networkChecks = (input: PreflightInput): PreflightCheck[] => [
  clockSkew(input.cluster?.skew, input.role),
  apiEndpoint(input.apiEndpoint),
  pairingServer(input.pairingServer),
  controlPlanes(input.cluster?.controlPlanes),
  nodeIp(input),
  networkOverlap(input.cluster),
  proxy(input),
  mtu(input),
  firewall(input),
  reachability(input)
]
