/** Most Leases that one look labels, and most labelled Leases that it deletes. */
export const leasesAtMost = 100

/** Names of Nodes whose Lease gets the label, names whose labelled Lease is deleted, and how many more there are of both. */
interface LeasesToSettle {
  label: string[]
  free: string[]
  left: number
}

/** Looks after which a labelled Lease of a banned Node goes that is still Ready: a minute lies between two of them. */
const stuckAfter = 3

/**
 * Chooses the Leases that one look settles. `banned`: the names on the ban list. `nodes`: names that have a Node. `labelled`:
 * names whose Lease has the label. If more Leases lack the label than `leasesAtMost`, each `turn` takes the next of them. So a
 * Node without a Lease, which nobody can label, does not hold up the others.
 *
 * `ready`: names whose Node is Ready. The node lifecycle controller of Kubernetes 1.37 waits for ever for a Lease that is newer than
 * the labelled one, and ends its wait only if there is no Lease at all (ADR 30). So each third look takes the Lease of such a Node
 * away. The kubelet makes another one within ten seconds, and the next look labels that.
 */
export const leasesToSettle = (
  banned: ReadonlySet<string>,
  nodes: ReadonlySet<string>,
  labelled: ReadonlySet<string>,
  turn: number,
  ready: ReadonlySet<string> = new Set()
): LeasesToSettle => {
  const isStuck = (name: string): boolean => turn % stuckAfter === stuckAfter - 1 && ready.has(name)
  const lacking = [...banned].filter((name) => nodes.has(name) && !labelled.has(name)).sort()
  const wrong = [...labelled].filter((name) => !banned.has(name) || isStuck(name)).sort()
  const turns = Math.max(1, Math.ceil(lacking.length / leasesAtMost))
  const start = (turn % turns) * leasesAtMost
  const label = lacking.slice(start, start + leasesAtMost)
  const free = wrong.slice(0, leasesAtMost)
  return { label, free, left: lacking.length - label.length + wrong.length - free.length }
}
