import { shellWord } from '@joinery/host/text/shell-word'
import { age, minute } from '@joinery/protocol'
import type { ClusterNode } from '../../core/ports/cluster/cluster.ts'

/** Milliseconds for which a Node may not be Ready: a new one waits for its network plugin, and one that boots comes back. */
export const nodeGrace = 5 * minute

/** Most Nodes that one sentence names. */
const namedAtMost = 5

/** A Node that needs a person, and the time since when it is not Ready. */
export interface LastingNode {
  name: string
  since: Date
}

/** The Nodes that have not been Ready for longer than the grace, the longest first. `now`: a time by the cluster's clock. */
export const lastingNodes = (
  nodes: readonly Pick<ClusterNode, 'name' | 'ready' | 'since' | 'created'>[],
  now: Date
): LastingNode[] =>
  nodes
    .filter(({ ready }) => ready !== 'True')
    .map(({ name, since, created }) => ({ name, since: since ?? created }))
    .filter(({ since }) => now.getTime() - since.getTime() > nodeGrace)
    .sort((one, other) => one.since.getTime() - other.since.getTime() || (one.name < other.name ? -1 : 1))

/** One sentence with a command for the Nodes that are not Ready. `isOurs`: an enrolment brought the first of them. */
export const nodeRemedies = (lasting: readonly LastingNode[], isOurs: boolean, now: Date): string[] => {
  const [first] = lasting
  if (first === undefined) return []
  const named = lasting.slice(0, namedAtMost).map(({ name, since }) => `${name} for ${age(since.toISOString(), now)}`)
  const more = lasting.length > named.length ? [`${lasting.length - named.length} more`] : []
  const command = isOurs ? `joinery why ${first.name}` : `kubectl describe node ${shellWord(first.name)}`
  const which = lasting.length === 1 ? 'A Node is' : `${lasting.length} Nodes are`
  return [`${which} not Ready: ${[...named, ...more].join(', ')}; see why: ${command}`]
}
