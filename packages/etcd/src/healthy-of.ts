import type { Etcd, EtcdMember } from './etcd.ts'

/** Ids of the members that answer and know a leader. */
export const healthyOf = async (
  etcd: Pick<Etcd, 'isHealthy'>,
  members: readonly EtcdMember[]
): Promise<Set<string>> => {
  const asked = await Promise.all(members.map(async (member) => ((await etcd.isHealthy(member)) ? [member.id] : [])))
  return new Set(asked.flat())
}
