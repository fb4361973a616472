import type { EtcdMember } from '@joinery/etcd'
import { section } from '@joinery/host/text/section'
import { toleranceOf } from '@joinery/protocol'

interface Seen {
  members: readonly EtcdMember[]
  /** Ids of the members that answer. */
  healthy: ReadonlySet<string>
  /** Id of the member that goes. */
  id: string | undefined
}

/** The members of etcd, the one that goes, and the losses that the rest tolerates. `seen` is undefined if etcd is external. */
export const describeEtcd = (seen: Seen | undefined, colour: boolean): string => {
  if (seen === undefined) return 'etcd is external, and has no member of this control plane\n'
  const { members, healthy, id } = seen
  const rows = members.map((member) => [
    member.id,
    member.name || '<not started>',
    member.isLearner ? 'learner' : 'voter',
    healthy.has(member.id) ? 'healthy' : { text: 'does not answer', style: 'yellow' as const },
    member.id === id ? 'goes' : ''
  ])
  const left = members.filter((member) => member.id !== id && !member.isLearner)
  const title = id === undefined ? 'Members of etcd, none of them of this control plane' : 'Members of etcd'
  const table = section(title, [['ID', 'NAME', 'VOTE', 'HEALTH', ''], ...rows], colour)
  return id === undefined ? table : `${table}Afterwards: ${toleranceOf(left.length)}\n`
}
