import type { Host } from '../host/host.ts'
import { type Route, readRoutes } from './routes.ts'
import { unfitForNode } from './subnets.ts'

type Interfaces = ReturnType<Host['interfaces']>

/** An address of a network link. */
export interface LinkAddress {
  device: string
  address: string
}

/** Every address that could be a Node's, in the system's order. */
export const nodeAddresses = (interfaces: Interfaces): LinkAddress[] =>
  Object.entries(interfaces).flatMap(([device, addresses = []]) =>
    addresses.flatMap(({ address }) => (unfitForNode(address) === undefined ? [{ device, address }] : []))
  )

/**
 * The address that the kubelet gives its Node if it is told none. It is the first address that the node's name stands
 * for and that is the machine's own. Else it is the first of the link of the first default route, or of the loopback
 * link. IPv4 comes first in each (NodeAddress in pkg/kubelet/nodestatus/setters.go, ChooseHostInterface in
 * apimachinery's util/net). Undefined if there is none: the kubelet then does not register.
 */
export const kubeletAddress = (
  interfaces: Interfaces,
  routes: readonly Route[],
  named: readonly string[]
): LinkAddress | undefined => {
  const own = nodeAddresses(interfaces)
  const byName = named.flatMap((address) => own.find((one) => one.address === address) ?? [])
  const ipv4 = ({ address }: LinkAddress): boolean => !address.includes(':')
  const first = byName.find(ipv4) ?? byName[0]
  if (first !== undefined) return first
  for (const family of ['ipv4', 'ipv6'] as const) {
    const fits = (one: LinkAddress): boolean => ipv4(one) === (family === 'ipv4')
    for (const route of defaultRoutes(routes, family)) {
      const found =
        own.find((one) => one.device === route.device && fits(one)) ??
        own.find((one) => one.device === 'lo' && fits(one))
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** The address that the kubelet would choose on this machine, for a Node of this name. */
export const chosenAddress = async (
  host: Pick<Host, 'read' | 'interfaces' | 'resolve'>,
  nodeName: string | undefined
): Promise<LinkAddress | undefined> => {
  const [routes, named] = await Promise.all([
    readRoutes(host),
    nodeName === undefined ? [] : host.resolve(nodeName).catch(() => [])
  ])
  return kubeletAddress(host.interfaces(), routes, named)
}

/**
 * The default routes, in the order in which the kubelet takes them. The kubelet looks only at the destination:
 * 0.0.0.0/1, by which a VPN comes before the default route, counts too. An IPv6 route without a gateway does not
 * count.
 */
export const defaultRoutes = (routes: readonly Route[], family: Route['family']): Route[] =>
  routes.filter(
    ({ destination, gateway, ...route }) =>
      route.family === family &&
      (family === 'ipv4' ? destination.startsWith('0.0.0.0/') : destination.startsWith('::/') && gateway !== undefined)
  )
