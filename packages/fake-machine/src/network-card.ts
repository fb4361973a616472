import { paths } from '@joinery/agent/testing/machine'
import type { MemoryFiles } from './memory-files.ts'

/** The only link of a rehearsal machine, as node:os shows it: 172.30.0.11/24, with the way out at 172.30.0.1. */
export const networkCard = {
  eth0: [
    {
      address: '172.30.0.11',
      netmask: '255.255.255.0',
      family: 'IPv4' as const,
      mac: '52:54:00:30:00:0b',
      internal: false,
      cidr: '172.30.0.11/24'
    }
  ]
}

/** Makes the kernel show the network card. Addresses in /proc/net/route are hexadecimal, in the processor's order. */
export const plugNetworkCard = (files: MemoryFiles): void => {
  files.append(`${paths.netDevices}/eth0/mtu`, '1500\n')
  files.append(
    paths.ipv4Routes,
    [
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t01001EAC\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'eth0\t00001EAC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      ''
    ].join('\n')
  )
}
