import * as os from 'node:os'
import type { Facts } from '@joinery/protocol'
import type { Host } from '../host/host.ts'
import { paths } from '../host/paths.ts'
import type { Program } from '../host/versions.ts'
import { cardAddresses, ipAddresses, networkLinks } from '../network/network.ts'

/**
 * Makes a function that reads the facts of the machine at each call. It never throws: a fact that cannot be read is
 * empty or 0. The facts stay the same while the machine is the same. `machineId` and `productUuid` are read where the
 * kubelet reads them for `status.nodeInfo`.
 */
export const factsReader = (host: Host): (() => Promise<Facts>) => {
  // read once: memory that the hypervisor takes and gives back is no change of the machine
  let hardware: Promise<Hardware> | undefined
  return () => {
    hardware ??= readHardware()
    return readFacts(host, hardware)
  }
}

type Hardware = Pick<Facts, 'cpus' | 'memory'>

const readFacts = async (host: Host, hardware: Promise<Hardware>): Promise<Facts> => {
  const file = (path: string): Promise<string> => orEmpty(async () => (await host.read(path))?.trim())
  const version = (program: Program): Promise<string> => orEmpty(() => host.version(program))
  const { cards, uplinks } = await networkLinks(host).catch(() => ({ cards: [], uplinks: [] }))
  const [machineId, productUuid, serial, osRelease, kubelet, kubeadm, runtime, macs, cpusAndMemory] = await Promise.all(
    [
      file(paths.machineId),
      file(paths.productUuid),
      file(paths.productSerial),
      file(paths.osRelease),
      version('kubelet'),
      version('kubeadm'),
      orEmpty(async () => host.runtime().then(({ name, version }) => `${name} ${version}`)),
      cardAddresses(host, cards).catch(() => []),
      hardware
    ]
  )
  return {
    hostname: os.hostname().slice(0, 253),
    machineId: machineId.slice(0, 64),
    productUuid: productUuid.slice(0, 64),
    serial: serial.slice(0, 128),
    macs: macs.slice(0, 64),
    addresses: ipAddresses(os.networkInterfaces(), uplinks).slice(0, 64),
    os: (/^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? '').slice(0, 128),
    kernel: os.release().slice(0, 128),
    arch: os.arch() === 'x64' ? 'amd64' : os.arch(),
    ...cpusAndMemory,
    kubelet: kubelet.slice(0, 64),
    kubeadm: kubeadm.slice(0, 64),
    runtime: runtime.slice(0, 128)
  }
}

const orEmpty = (read: () => Promise<string | undefined>): Promise<string> =>
  read().then(
    (text) => text ?? '',
    () => ''
  )

/**
 * Reads processors and memory. The module is loaded at the first use, for memory. Its osInfo() is not used: it asks
 * DNS for the machine's own name, and waits for it.
 */
const readHardware = async (): Promise<Hardware> => {
  try {
    // a CommonJS module that is imported lazily has no named exports in a bundle
    const { cpu, mem } = (await import('systeminformation')).default
    const [{ cores }, { total }] = await Promise.all([cpu(), mem()])
    return { cpus: cores, memory: total }
  } catch {
    return { cpus: 0, memory: 0 }
  }
}
