import type { networkInterfaces } from 'node:os'
import type { Host } from '../host/host.ts'
import { paths } from '../host/paths.ts'

/**
 * Types of links that an administrator puts on a network card. Links that a network plugin makes (vxlan, veth, ipip)
 * are not among them.
 */
const stacked = ['bond', 'bridge', 'vlan']

type Folders = Pick<Host, 'read' | 'list'>

/**
 * The machine's own network links, judged by sysfs, so that links which a container runtime or a network plugin makes
 * later never show. `cards` have a device behind them (and are no virtual function, which may be lent to a Pod).
 * `uplinks` are cards and the links that are stacked on them.
 */
export const networkLinks = async (host: Folders): Promise<{ cards: string[]; uplinks: string[] }> => {
  const names = await host.list(paths.netDevices)
  const cards: string[] = []
  for (const name of names) if (await isCard(host, name)) cards.push(name)
  const uplinks: string[] = []
  for (const name of names) if (await isUplink(host, name, cards)) uplinks.push(name)
  return { cards, uplinks }
}

const isCard = async (host: Folders, name: string): Promise<boolean> => {
  const device = await host.list(`${paths.netDevices}/${name}/device`)
  return device.length > 0 && !device.includes('physfn')
}

const isUplink = async (host: Folders, name: string, cards: readonly string[]): Promise<boolean> => {
  if (cards.includes(name)) return true
  const uevent = (await host.read(`${paths.netDevices}/${name}/uevent`)) ?? ''
  if (!stacked.includes(/^DEVTYPE=(\S+)$/m.exec(uevent)?.[1] ?? '')) return false
  for (const entry of await host.list(`${paths.netDevices}/${name}`)) {
    if (entry.startsWith('lower_') && (await isUplink(host, entry.slice('lower_'.length), cards))) return true
  }
  return false
}

/** The permanent addresses of the cards, sorted. A card in a bond shows the bond's address as its own. */
export const cardAddresses = async (host: Folders, cards: readonly string[]): Promise<string[]> => {
  const macs = await Promise.all(
    cards.map(async (name) => {
      const folder = `${paths.netDevices}/${name}`
      const mac = (await host.read(`${folder}/bonding_slave/perm_hwaddr`)) ?? (await host.read(`${folder}/address`))
      return mac?.trim() ?? ''
    })
  )
  return [...new Set(macs.filter((mac) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)))].sort()
}

/** IP addresses of the uplinks, sorted; link-local ones say nothing. */
export const ipAddresses = (interfaces: ReturnType<typeof networkInterfaces>, uplinks: readonly string[]): string[] =>
  uplinks
    .flatMap((name) => interfaces[name] ?? [])
    .filter(({ address, internal }) => !internal && !/^fe[89ab]|^169\.254\./i.test(address))
    .map(({ address }) => address)
    .sort()
