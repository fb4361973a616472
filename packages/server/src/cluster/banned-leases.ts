/** How many Leases one look labels, and how many labelled ones it deletes, at most. */
export const leasesAtMost = 100

/** By name: whose Lease gets the label, whose labelled one goes, and how many more there are of both. */
interface LeasesToSettle {
  label: string[]
  free: string[]
  left: number
}

/**
 * `banned`: the names on the ban list; `nodes`: those that have a Node; `labelled`: those whose Lease has the label. Where more
 * are to be labelled than `leasesAtMost`, each `turn` takes the next of them: a Node without a Lease, which nobody can label,
 * does not hold up the others.
 */
export const leasesToSettle = (
  banned: ReadonlySet<string>,
  nodes: ReadonlySet<string>,
  labelled: ReadonlySet<string>,
  turn: number
): LeasesToSettle => {
  const lacking = [...banned].filter((name) => nodes.has(name) && !labelled.has(name)).sort()
  const wrong = [...labelled].filter((name) => !banned.has(name)).sort()
  const turns = Math.max(1, Math.ceil(lacking.length / leasesAtMost))
  const start = (turn % turns) * leasesAtMost
  const label = lacking.slice(start, start + leasesAtMost)
  const free = wrong.slice(0, leasesAtMost)
  return { label, free, left: lacking.length - label.length + wrong.length - free.length }
}
