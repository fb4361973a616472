import { CommandError } from '@joinery/host/exec'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { packetFilters } from '../../../network/packet-filters.ts'
import type { Leftover } from './leftover.ts'

/** Rules of a kubelet or kube-proxy in the packet filters. */
export const leftoverRules = async (host: Host): Promise<Leftover[]> => {
  const loaded = await packetFilters(host)
  const found = await Promise.all([
    loaded.iptables ? iptables(host) : [],
    loaded.nftables ? nftables(host) : [],
    ipvs(host)
  ])
  return found.flat()
}

/** Chains of the kubelet and of kube-proxy. Without a table's name the command loads no table. */
const iptables = async (host: Host): Promise<Leftover[]> => {
  const rules = await host.exec(['iptables-save']).catch(whatWasPrinted)
  if (!/^:KUBE-/m.test(rules)) return []
  return [{ what: 'iptables chains KUBE-*', remedy: 'iptables-save | grep -v KUBE- | iptables-restore' }]
}

/** Output of a command that failed. The rules may be longer than what is read of a command's output. */
const whatWasPrinted = (error: unknown): string => (error instanceof CommandError ? error.output : '')

/** The table of kube-proxy in its mode nftables. */
const nftables = async (host: Host): Promise<Leftover[]> => {
  const tables = await host.exec(['nft', 'list', 'tables']).catch(() => '')
  if (!/^table ip6? kube-proxy$/m.test(tables)) return []
  return [
    {
      what: 'the nftables table kube-proxy',
      remedy: 'for family in ip ip6; do nft delete table "$family" kube-proxy; done'
    }
  ]
}

/** Services of IPVS, which follow three lines of heading. */
const ipvs = async (host: Host): Promise<Leftover[]> => {
  const [, , , ...services] = ((await host.read(paths.ipvs)) ?? '').trim().split('\n')
  return services.length === 0 ? [] : [{ what: 'IPVS services', remedy: 'ipvsadm --clear' }]
}
