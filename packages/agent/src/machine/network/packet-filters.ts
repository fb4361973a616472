import type { Files } from '@joinery/host/files'
import { paths } from '../host/paths.ts'

/** Which packet filters may have rules. */
export interface PacketFilters {
  nftables: boolean
  /** Over nftables, or by modules of its own. */
  iptables: boolean
}

/**
 * A filter whose kernel module is not loaded has no rules, and is not to be asked: that would load it. A kernel that lists
 * no modules has them built in.
 */
export const packetFilters = async (files: Pick<Files, 'read'>): Promise<PacketFilters> => {
  const listed = (await files.read(paths.modules)) ?? ''
  const modules = listed.split('\n').map((line) => line.split(' ')[0])
  const nftables = listed.trim() === '' || modules.includes('nf_tables')
  return { nftables, iptables: nftables || modules.includes('ip_tables') || modules.includes('ip6_tables') }
}
