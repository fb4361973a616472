import type { Machine } from './bed/machine.ts'
import { waitFor } from './bed/wait-for.ts'
import { minutes } from './product.ts'

/** Leaves on a machine, for good, what a network plugin's DaemonSet leaves on a node. `number`: of its Pods' network. */
export const placeNetworkPlugin = (machine: Machine, number: number) =>
  waitFor(
    `${machine.name} to have a network plugin`,
    () =>
      machine.ssh('cat > /etc/cni/net.d/10-bed.conflist && sync /etc/cni/net.d/10-bed.conflist', configuration(number)),
    ({ code }) => code === 0,
    minutes
  )

const configuration = (number: number): string =>
  JSON.stringify({
    cniVersion: '1.0.0',
    name: 'bed',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: `10.244.${number}.0/24` }]] }
      }
    ]
  })
