import { shellWord } from '@joinery/host/text/shell-word'
import { paths } from '../../../host/paths.ts'
import { defaultRoutes } from '../../../network/kubelet-address.ts'
import { readRoutes } from '../../../network/routes.ts'
import { fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'

/** The smallest MTU of every link: for IPv4 (RFC 791), and for IPv6 (RFC 8200), which Linux switches off below that. */
const least = { ipv4: 576, ipv6: 1280 }
/** An MTU that leaves 1400 bytes to a Pod, after the 50 bytes that VXLAN puts before a packet. */
const roomy = 1450

/** Checks the largest packet of the links by which this machine reaches the others. */
export const mtu = ({ nodeIp, cluster }: PreflightInput): PreflightCheck => ({
  name: 'mtu',
  why: 'packets between Pods travel inside packets of the nodes, and VXLAN takes 50 bytes of each',
  async run(host) {
    const routes = await readRoutes(host)
    const families = (['ipv4', 'ipv6'] as const).filter((family) => defaultRoutes(routes, family).length > 0)
    const devices = [
      ...new Set(families.flatMap((family) => defaultRoutes(routes, family)).map(({ device }) => device))
    ]
    const read = await Promise.all(
      devices.map(async (device) => ({ device, mtu: Number(await host.read(`${paths.netDevices}/${device}/mtu`)) }))
    )
    const links = read.filter((link) => link.mtu > 0)
    if (links.length === 0) return skipped('there is no default route')
    const all = links.map(({ device, mtu }) => `${device} has ${mtu}`).join(', ')
    const smallest = Math.min(...links.map((link) => link.mtu))
    const remedy = links
      .filter((link) => link.mtu === smallest)
      .flatMap(({ device }) => [
        `ip -d link show dev ${shellWord(device)}`,
        `# if the network carries that: ip link set dev ${shellWord(device)} mtu 1500`
      ])
    const networks = [nodeIp ?? '', ...(cluster?.podSubnets ?? []), ...(cluster?.serviceSubnets ?? [])]
    const ipv6 = networks.some((text) => text.includes(':'))
    if (smallest < least.ipv4) return fail(`an MTU below ${least.ipv4} carries no IP network: ${all}`, ...remedy)
    if (ipv6 && smallest < least.ipv6) return fail(`an MTU below ${least.ipv6} carries no IPv6: ${all}`, ...remedy)
    if (smallest < roomy) return warn(`the MTU leaves Pods less than 1400 bytes within VXLAN: ${all}`, ...remedy)
    if (links.some((link) => link.mtu !== smallest)) {
      return warn(`the links with a default route differ in their MTU: ${all}`, ...remedy)
    }
    return pass(`the MTU is ${smallest} (${links.map(({ device }) => device).join(', ')})`)
  }
})
