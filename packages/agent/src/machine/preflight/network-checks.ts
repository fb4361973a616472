import type { PreflightCheck } from './check/check.ts'
import type { PreflightInput } from './check/preflight-input.ts'
import { controlPlanes } from './control-plane/control-planes.ts'
import { firewall } from './network/firewall.ts'
import { mtu } from './network/mtu.ts'
import { networkOverlap } from './network/network-overlap.ts'
import { nodeIp } from './network/node-ip.ts'
import { proxy } from './network/proxy.ts'
import { apiEndpoint } from './reach/api-endpoint.ts'
import { pairingServer } from './reach/pairing-server.ts'
import { reachability } from './reach/reachability.ts'
import { clockSkew } from './system/clock-skew.ts'

/** The checks of the network around the machine, in the order in which they are reported. */
export const networkChecks = (input: PreflightInput): PreflightCheck[] => [
  clockSkew(input.cluster?.skew, input.role),
  apiEndpoint(input.apiEndpoint),
  pairingServer(input.pairingServer, input.furtherServers),
  controlPlanes(input.cluster?.controlPlanes),
  nodeIp(input),
  networkOverlap(input.cluster),
  proxy(input),
  mtu(input),
  firewall(input),
  reachability(input)
]
