import type { Host } from '../host.ts'
import { fail, type PreflightCheck, pass, skipped, warn } from './check.ts'
import { firewalls } from './firewall/firewalls.ts'
import { kubeletPort, reachOfKubelet, toKubelet } from './kubelet-port.ts'
import type { PreflightInput } from './preflight-input.ts'

/** Whether others come to this machine: the pairing server, which stands beside the control plane, tried. */
export const reachability = (input: PreflightInput): PreflightCheck => ({
  name: 'reachability',
  why: 'the API server dials the kubelet there: without it kubectl logs and exec, and the metrics of Pods fail',
  async run(host) {
    const reach = reachOfKubelet(input)
    const address = input.reachability?.address ?? ''
    const port = `TCP port ${kubeletPort} of ${address}`
    switch (reach) {
      case undefined:
        return skipped('the pairing server was not asked yet')
      case 'open':
        return pass(`the pairing server reaches ${port}`)
      case 'behind-nat':
        return warn(
          `the pairing server sees ${address}, which is not this machine but stands before it (NAT): whether the control plane reaches it is not known`,
          `# allow TCP port ${kubeletPort} from the control plane to this machine`
        )
      case 'refused':
        return fail(`${port} refuses the pairing server`, ...(await remedy(host, input, address)))
      case 'no-answer':
        return fail(`the pairing server gets no answer from ${port}`, ...(await remedy(host, input, address)))
    }
  }
})

/** The commands for the firewall of this machine, where it may be the one; else it is between. */
const remedy = async (host: Host, input: PreflightInput, address: string): Promise<string[]> => {
  const found = (await firewalls(host, toKubelet(input))).filter(({ fate }) => fate !== 'accept')
  const commands = found.flatMap(({ open }) => open)
  return commands.length > 0
    ? [...new Set(commands)]
    : [`# allow TCP port ${kubeletPort} from the control plane to ${address}`]
}
