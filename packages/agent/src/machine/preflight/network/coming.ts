import type { Reach } from '@joinery/protocol'
import { familyOf } from '../../../network/subnets.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import type { Connection } from '../firewall/ruleset.ts'

/** The connection with which others will come to this port. The IP version is that of the Node's address. */
export const comingTo = ({ nodeIp, reachability }: PreflightInput, port: number): Connection => ({
  family: familyOf(nodeIp ?? reachability?.address ?? ''),
  port
})

/** The result of the pairing server's dial-back to the port. Undefined if it did not dial the port. */
export const reachOf = ({ reachability }: PreflightInput, port: number): Reach | undefined =>
  reachability?.ports.find((one) => one.port === port)?.reach
