import { chosenAddress } from '../../../network/kubelet-address.ts'
import { type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'

interface Link {
  addr_info?: { local?: string; dynamic?: boolean }[]
}

/**
 * Checks that a control plane's address is fixed. The address of its API server and its etcd is written into
 * certificates, manifests and the membership of etcd.
 */
export const fixedAddress = ({ nodeIp, nodeName }: PreflightInput): PreflightCheck => ({
  name: 'fixed-address',
  why: 'the address of a control plane stands in its certificates and in etcd: if the address changes, the cluster loses the control plane',
  async run(host) {
    const address = nodeIp ?? (await chosenAddress(host, nodeName))?.address
    if (address === undefined) return skipped('the machine has no address for a Node: see node-ip')
    const printed = await host.exec(['ip', '-json', 'address', 'show']).catch(() => '[]')
    const links = JSON.parse(printed) as Link[]
    const found = links.flatMap(({ addr_info = [] }) => addr_info).find(({ local }) => local === address)
    if (found?.dynamic) {
      return warn(
        `${address} is lent to this machine, by DHCP or by router advertisements`,
        `# have the DHCP server give this machine always ${address}, or configure it as a fixed address`
      )
    }
    return pass(address)
  }
})
