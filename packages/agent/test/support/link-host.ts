import { isIPv6 } from 'node:net'
import type { PreflightInput } from '../../src/machine/preflight/check/preflight-input.ts'
import type { Table } from './table-host.ts'

/** Addresses by link, as node:os shows them. */
export const linked = (links: Record<string, string[]>): NonNullable<Table['interfaces']> =>
  Object.fromEntries(
    Object.entries(links).map(([device, addresses]) => [
      device,
      addresses.map((address) => ({
        address,
        netmask: '',
        family: isIPv6(address) ? ('IPv6' as const) : ('IPv4' as const),
        mac: '52:54:00:30:00:0b',
        internal: device === 'lo',
        cidr: null,
        scopeid: 0
      }))
    ])
  )

/** A line of `ip -4 route`: destination, device, then gateway and metric where it has them. */
export type Line = [destination: string, device: string, more?: { via?: string; metric?: number }]

/** /proc/net/route with these routes. */
export const ipv4Routes = (...lines: Line[]): string =>
  [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    ...lines.map(([destination, device, { via = '0.0.0.0', metric = 0 } = {}]) => {
      const [address = '', length = '32'] = destination.split('/')
      const mask = length === '0' ? 0 : (0xffffffff << (32 - Number(length))) >>> 0
      const bytes = [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff).join('.')
      return [
        device,
        hex(address),
        hex(via),
        via === '0.0.0.0' ? '0001' : '0003',
        0,
        0,
        metric,
        hex(bytes),
        0,
        0,
        0
      ].join('\t')
    }),
    ''
  ].join('\n')

const hex = (address: string): string =>
  Buffer.from(address.split('.').map(Number).reverse()).toString('hex').toUpperCase()

/** The plain machine: one card with a static address, and a way out. */
export const plain = {
  interfaces: linked({ lo: ['127.0.0.1', '::1'], eth0: ['172.30.0.11', 'fe80::1'] }),
  files: {
    '/proc/net/route': ipv4Routes(['0.0.0.0/0', 'eth0', { via: '172.30.0.1' }], ['172.30.0.0/24', 'eth0']),
    '/sys/class/net/eth0/mtu': '1500\n'
  }
} satisfies Table

/** The cluster that it is to join, as the pairing server tells of it. */
export const cluster: NonNullable<PreflightInput['cluster']> = {
  version: 'v1.37.2',
  podSubnets: ['10.244.0.0/16'],
  serviceSubnets: ['10.96.0.0/16'],
  controlPlanes: ['172.30.0.1:6443'],
  time: '2026-11-25T12:00:00.000Z',
  skew: 120
}
