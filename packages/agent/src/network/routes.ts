import type { Host } from '../host/host.ts'
import { paths } from '../host/paths.ts'
import type { Family } from './subnets.ts'

/** A route of the main table. */
export interface Route {
  device: string
  family: Family
  /** `address/length`. The length of a default route is 0. */
  destination: string
  length: number
  /** Undefined if the network is on the link itself. */
  gateway: string | undefined
  /** The route with the lowest metric wins. */
  metric: number
}

/** Flags of linux/route.h and linux/ipv6_route.h: a route that rejects, and a kernel's own one to an address it has. */
const reject = 0x200
const local = 0x80000000

/**
 * Routes of the main table: IPv4 first, each family in the kernel's order, which is the kubelet's too. Of two default
 * routes the one with the lower metric comes first.
 */
export const readRoutes = async (host: Pick<Host, 'read'>): Promise<Route[]> => {
  const [ipv4 = '', ipv6 = ''] = await Promise.all([host.read(paths.ipv4Routes), host.read(paths.ipv6Routes)])
  return [...lines(ipv4).slice(1).flatMap(ipv4Route), ...lines(ipv6).flatMap(ipv6Route)]
}

const lines = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/))

/**
 * Reads a line of /proc/net/route: Iface Destination Gateway Flags RefCnt Use Metric Mask ... Addresses are numbers
 * in the processor's own order, little-endian.
 */
const ipv4Route = ([
  device = '',
  destination = '',
  gateway = '',
  flags = '',
  ,
  ,
  metric,
  mask = ''
]: string[]): Route[] => {
  if (Number.parseInt(flags, 16) & reject) return []
  const length = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length
  return [
    {
      device,
      family: 'ipv4',
      destination: `${dotted(destination)}/${length}`,
      length,
      gateway: /^0+$/.test(gateway) ? undefined : dotted(gateway),
      metric: Number(metric)
    }
  ]
}

const dotted = (hex: string): string => [...Buffer.from(hex, 'hex')].reverse().join('.')

/**
 * Reads a line of /proc/net/ipv6_route: destination length source length next-hop metric refcnt use flags device, all
 * hexadecimal.
 */
const ipv6Route = ([
  to = '',
  length = '',
  ,
  ,
  via = '',
  metric = '',
  ,
  ,
  flags = '',
  device = ''
]: string[]): Route[] => {
  const bits = Number.parseInt(flags, 16)
  if (device === 'lo' || bits & reject || bits & local) return []
  const prefix = Number.parseInt(length, 16)
  return [
    {
      device,
      family: 'ipv6',
      destination: `${colons(to)}/${prefix}`,
      length: prefix,
      gateway: /^0+$/.test(via) ? undefined : colons(via),
      metric: Number.parseInt(metric, 16)
    }
  ]
}

/** An IPv6 address in the form that a person would write. */
const colons = (hex: string): string =>
  new URL(`http://[${(hex.match(/.{4}/g) ?? []).join(':')}]`).hostname.slice(1, -1)
