import type { ClusterFacts } from '@joinery/protocol'
import type { Host } from '../../../host/host.ts'
import { nodeAddresses } from '../../../network/kubelet-address.ts'
import { readRoutes } from '../../../network/routes.ts'
import { contains, overlap, parseSubnet, type Subnet } from '../../../network/subnets.ts'
import { fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'

/** Checks the machine's own networks against the cluster's. `cluster` is undefined if no pairing server told of it. */
export const networkOverlap = (
  cluster: Pick<ClusterFacts, 'podSubnets' | 'serviceSubnets'> | undefined
): PreflightCheck => ({
  name: 'network-overlap',
  why: 'if they share addresses, packets go either to a Pod or Service or to a machine of the network, not to both',
  async run(host) {
    if (cluster === undefined) return skipped('the pairing server was not asked yet')
    const pods = networks('the Pod network', cluster.podSubnets)
    const services = networks('the Service network', cluster.serviceSubnets)
    const all = [...pods, ...services]
    if (all.length === 0) return skipped('the pairing server knows neither Pod nor Service network of the cluster')
    const clashes = clashesBetween(await claimsOf(host), all)
    const bad = [
      ...clashes.filter(({ harmless }) => !harmless).map(({ text }) => text),
      ...clashesBetween(pods, services).map(({ text }) => text)
    ]
    if (bad.length > 0) {
      return fail(
        bad.join('; '),
        ...look(clashes.filter(({ harmless }) => !harmless)),
        '# give the network of this machine, or that of the cluster (networking in kubeadm-config), another range'
      )
    }
    if (clashes.length > 0) {
      const found = clashes.map(({ text }) => text).join('; ')
      return warn(`${found}: this machine cannot reach those addresses that the cluster uses`, ...look(clashes))
    }
    return pass(`no route and no address of this machine is in ${all.map(({ what }) => what).join(' or ')}`)
  }
})

/** Addresses that belong to somebody. */
interface Claim {
  subnet: Subnet
  what: string
  device?: string
  /** True if the addresses are behind a router, not on a link of this machine. */
  routed?: boolean
}

interface Clash {
  text: string
  device: string | undefined
  /**
   * True if the more specific route wins: a wider route by a router only loses the addresses that the cluster takes.
   */
  harmless: boolean
}

const networks = (name: string, subnets: readonly string[]): Claim[] =>
  subnets.flatMap((text) => {
    const subnet = parseSubnet(text)
    return subnet === undefined ? [] : [{ subnet, what: `${name} ${text}` }]
  })

const clashesBetween = (claims: readonly Claim[], others: readonly Claim[]): Clash[] =>
  claims.flatMap(({ subnet, what, device, routed = false }) =>
    others
      .filter((other) => overlap(subnet, other.subnet))
      .map((other) => ({
        text: `${what} shares addresses with ${other.what}`,
        device,
        harmless: routed && !contains(other.subnet, subnet)
      }))
  )

/** Names of links that network plugins make: their routes into the Pod network belong there. */
const pluginLinks =
  /^(cni|flannel|cali|vxlan\.calico|tunl|wireguard\.cali|cilium|lxc|kube-|veth|weave|antrea|ovn|genev)/

/** Networks of which each link has its own. */
const linkLocal = ['fe80::/10', 'ff00::/8', '169.254.0.0/16', '127.0.0.0/8'].flatMap((text) => parseSubnet(text) ?? [])

const claimsOf = async (host: Host): Promise<Claim[]> => {
  // not the default route, nor the two halves that a VPN puts before it
  const routes = (await readRoutes(host)).filter(({ length }) => length > 1)
  const claims = [
    ...routes.map(({ destination, device, gateway }) => ({
      text: destination,
      what: `the route to ${destination} over ${device}`,
      device,
      routed: gateway !== undefined
    })),
    ...nodeAddresses(host.interfaces()).map(({ address, device }) => ({
      text: address,
      what: `the address ${address} of ${device}`,
      device,
      routed: false
    }))
  ]
  return claims.flatMap(({ text, ...claim }) => {
    const subnet = parseSubnet(text)
    if (subnet === undefined || pluginLinks.test(claim.device)) return []
    return linkLocal.some((local) => contains(local, subnet)) ? [] : [{ ...claim, subnet }]
  })
}

const look = (clashes: readonly Clash[]): string[] => {
  const devices = new Set(clashes.flatMap(({ device }) => device ?? []))
  return [...devices].slice(0, 4).map((device) => `ip route show dev ${device}`)
}
