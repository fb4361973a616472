import type { Files } from '@joinery/host/files'
import { paths } from '../host/paths.ts'

/** The packet filters that may have rules. */
export interface PacketFilters {
  nftables: boolean
  /** True for iptables over nftables, and for iptables by modules of its own. */
  iptables: boolean
}

/**
 * The packet filters that may be asked for their rules. A filter whose kernel module is not loaded has no rules, and
 * a question would load the module. A kernel that lists no modules has them built in.
 */
export const packetFilters = async (files: Pick<Files, 'read'>): Promise<PacketFilters> => {
  const listed = (await files.read(paths.modules)) ?? ''
  const modules = listed.split('\n').map((line) => line.split(' ')[0])
  const nftables = listed.trim() === '' || modules.includes('nf_tables')
  return { nftables, iptables: nftables || modules.includes('ip_tables') || modules.includes('ip6_tables') }
}
