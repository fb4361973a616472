import type { Seen } from '../seen.ts'

/** A server takes the log over, unless somebody was at the log, or etcd was put back. */
export const refusedWithoutCause = ({ takeOvers, hands, restores }: Seen): string[] => {
  const first = Math.min(...[...hands, ...restores].map(({ at }) => at))
  return takeOvers.flatMap(({ process, at, refused }) =>
    refused !== undefined && at < first ? [`${process} was refused as ${refused} at ${at}`] : []
  )
}
