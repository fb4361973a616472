import type { Host } from '../../../host/host.ts'
import { type Finding, fail, type PreflightCheck, pass, skipped, warn, worst } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'
import { firewalls } from '../firewall/firewalls.ts'
import { comingTo, reachOf } from '../network/coming.ts'
import { portsOf } from '../network/role-ports.ts'

/**
 * Checks if others reach this machine, by the dial-back of the pairing server, which stands beside the control plane.
 */
export const reachability = (input: PreflightInput): PreflightCheck => ({
  name: 'reachability',
  why: 'the API server dials the kubelet on its port, for kubectl logs and exec, and the metrics of Pods; through the ports of a control plane nodes reach its API server, and other members its etcd',
  run: async (host) =>
    worst(await Promise.all(portsOf(input.role, input.cluster?.etcd).map((port) => judge(host, input, port))))
})

const judge = async (host: Host, input: PreflightInput, number: number): Promise<Finding> => {
  const address = input.reachability?.address ?? ''
  const port = `TCP port ${number} of ${address}`
  switch (reachOf(input, number)) {
    case undefined:
      return skipped('the pairing server was not asked yet')
    case 'open':
      return pass(`the pairing server reaches ${port}`)
    case 'behind-nat':
      return warn(
        `the pairing server sees ${address}, which is not this machine but stands before it (NAT): it is not known whether the control plane reaches this machine`,
        `# allow TCP port ${number} from the control plane to this machine`
      )
    case 'refused':
      return fail(`${port} refuses the pairing server`, ...(await remedy(host, input, number, address)))
    case 'no-answer':
      return fail(`the pairing server gets no answer from ${port}`, ...(await remedy(host, input, number, address)))
  }
}

/** Commands for the firewall of this machine, if it may be the cause. Otherwise the cause is between the two. */
const remedy = async (host: Host, input: PreflightInput, port: number, address: string): Promise<string[]> => {
  const found = (await firewalls(host, comingTo(input, port))).filter(({ fate }) => fate !== 'accept')
  const commands = found.flatMap(({ open }) => open)
  return commands.length > 0
    ? [...new Set(commands)]
    : [`# allow TCP port ${port} from the control plane to ${address}`]
}
