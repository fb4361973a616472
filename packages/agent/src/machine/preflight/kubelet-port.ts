import type { Reach } from '@joinery/protocol'
import type { Connection } from './firewall/ruleset.ts'
import type { PreflightInput } from './preflight-input.ts'
import { familyOf } from './subnets.ts'

/** Of the kubelet's API: the one port of a worker that the control plane comes to. */
export const kubeletPort = 10250

/** How the control plane will come to the kubelet: by the IP version of the Node's address. */
export const toKubelet = ({ nodeIp, reachability }: PreflightInput): Connection => ({
  family: familyOf(nodeIp ?? reachability?.address ?? ''),
  port: kubeletPort
})

/** What came of it when the pairing server dialled the port; undefined where it did not. */
export const reachOfKubelet = ({ reachability }: PreflightInput): Reach | undefined =>
  reachability?.ports.find(({ port }) => port === kubeletPort)?.reach
