import { isIPv6 } from 'node:net'
import type { Connection } from '@joinery/kube'
import { statusOf } from '@joinery/kube'
import type { V1EndpointSlice } from '@kubernetes/client-node'
import { parse } from 'yaml'
import type { ClusterNetwork } from '../../core/ports/cluster/cluster-settings.ts'
import { clusterConfiguration } from './config-map.ts'

export const network = async (api: Connection): Promise<ClusterNetwork> => {
  const [configuration, slice] = await Promise.all([clusterConfiguration(api), apiServers(api)])
  const { networking, controlPlaneEndpoint, etcd, imageRepository } = parse(configuration) ?? {}
  const { podSubnet, serviceSubnet } = networking ?? {}
  return {
    podSubnets: subnets(podSubnet),
    serviceSubnets: subnets(serviceSubnet),
    controlPlanes: addressesOf(slice),
    ...(isText(controlPlaneEndpoint) && { controlPlaneEndpoint }),
    ...(isText(imageRepository) && { imageRepository }),
    // kubeadm's default is an etcd member on each control plane
    ...(configuration !== '' && { etcd: etcd?.external === undefined ? 'stacked' : 'external' })
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Splits kubeadm's list of subnets. A cluster with IPv4 and IPv6 has two, with a comma between them. */
const subnets = (text: unknown): string[] =>
  typeof text === 'string'
    ? text
        .split(',')
        .map((subnet) => subnet.trim())
        .filter((subnet) => subnet !== '')
    : []

/**
 * The EndpointSlice that the API servers keep of themselves, under the name of their Service. Endpoints of the same
 * name say no more, and are deprecated from 1.33 on.
 */
const apiServers = async (api: Connection): Promise<V1EndpointSlice | undefined> => {
  try {
    return await api.discovery.readNamespacedEndpointSlice({ namespace: 'default', name: 'kubernetes' })
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

const addressesOf = (slice: V1EndpointSlice | undefined): string[] => {
  const ports = (slice?.ports ?? []).flatMap(({ port }) => (port === undefined ? [] : [port]))
  const addresses = (slice?.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap((endpoint) => endpoint.addresses)
  return addresses
    .flatMap((address) => ports.map((port) => `${isIPv6(address) ? `[${address}]` : address}:${port}`))
    .sort()
}
