import type { Reach } from '@joinery/protocol'
import { familyOf } from '../../network/subnets.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import type { Connection } from '../firewall/ruleset.ts'

/** How others will come to this port: by the IP version of the Node's address. */
export const comingTo = ({ nodeIp, reachability }: PreflightInput, port: number): Connection => ({
  family: familyOf(nodeIp ?? reachability?.address ?? ''),
  port
})

/** What came of it when the pairing server dialled the port; undefined where it did not. */
export const reachOf = ({ reachability }: PreflightInput, port: number): Reach | undefined =>
  reachability?.ports.find((one) => one.port === port)?.reach
