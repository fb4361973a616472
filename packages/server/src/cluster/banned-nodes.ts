/**
 * How many Nodes that are banned the cluster is to keep from their heartbeat, at most. Each name costs each renewal of each
 * Node some 2 us of the API server. The server deletes a worker that it banned: these are control planes, and few.
 */
export const bannedNodesAtMost = 100

/** Which names that is, sorted: banned, and with a Node that is there. `beyond`: how many more there would be. */
export const heartbeatsToStop = (
  banned: Iterable<string>,
  nodes: ReadonlySet<string>
): { names: string[]; beyond: number } => {
  const names = [...banned].filter((name) => nodes.has(name)).sort()
  return { names: names.slice(0, bannedNodesAtMost), beyond: Math.max(0, names.length - bannedNodesAtMost) }
}
