import type { OneServer } from '../../cluster/servers/three-servers.ts'
import { type Figure, round } from '../figure.ts'
import type { BedStage } from './bed-stage.ts'
import { componentMetrics, sum } from './component-metrics.ts'

/** What was written until one moment, since etcd, the API server and the pairing server started. */
export interface Writes {
  /** By the clock of `performance.now`. */
  at: number
  /** Counts of etcd: keys that were put or deleted, bytes that were put, bytes of its write-ahead log. */
  puts: number
  deletes: number
  bytes: number
  wal: number
  /** Requests that write, by the resource. */
  requests: Record<string, number>
  /** Of `requests`, those to objects of Joinery's own kinds. */
  own: number
  /** What the server itself counts: batches and bytes of the log. Zero with a store in a file. */
  batches: number
  logBytes: number
}

const writing = /verb="(POST|PUT|PATCH|APPLY|DELETE)"/

export const lookAtWrites = async ({ bed }: Pick<BedStage, 'bed'>, server: OneServer): Promise<Writes> => {
  const [{ api, etcd }, { log }] = await Promise.all([
    componentMetrics(bed),
    server.ask((operator) => operator.status())
  ])
  const requests: Record<string, number> = {}
  let own = 0
  for (const [series, value] of api) {
    // what was refused, as a test that failed, was not written
    const isWrite = series.startsWith('apiserver_request_total{') && writing.test(series) && /code="2/.test(series)
    if (!isWrite || /dry_run="All"/.test(series)) continue
    const [, resource = 'none'] = /[{,]resource="([^"]*)"/.exec(series) ?? []
    // a review is an answer, and nothing is stored
    if (resource.endsWith('reviews')) continue
    requests[resource] = (requests[resource] ?? 0) + value
    if (/group="(log\.)?joinery\.dev"/.test(series)) own += value
  }
  return {
    at: performance.now(),
    puts: sum(etcd, 'etcd_mvcc_put_total'),
    deletes: sum(etcd, 'etcd_mvcc_delete_total'),
    bytes: sum(etcd, 'etcd_debugging_mvcc_total_put_size_in_bytes'),
    wal: sum(etcd, 'etcd_disk_wal_write_bytes_total'),
    requests,
    own,
    batches: log?.number ?? 0,
    logBytes: log?.written ?? 0
  }
}

/** What one machine's life costs, from its code to Ready: all that was written meanwhile, and less what is written anyway. */
export interface WritesOfLives {
  machines: number
  all: Counted
  beyondRest: Counted
}
type Counted = Omit<Writes, 'at'>

/** From the looks before a time of rest, after it, and after the lives. */
export const writesOf = (
  [first, second, third]: readonly [Writes, Writes, Writes],
  machines: number
): WritesOfLives => {
  const idle = (third.at - second.at) / (second.at - first.at)
  const counted = (of: (rest: number, lived: number) => number): Counted => {
    const value = (pick: (writes: Writes) => number) =>
      of(pick(second) - pick(first), pick(third) - pick(second)) / machines
    return {
      puts: value(({ puts }) => puts),
      deletes: value(({ deletes }) => deletes),
      bytes: value(({ bytes }) => bytes),
      wal: value(({ wal }) => wal),
      requests: Object.fromEntries(
        Object.keys(third.requests).map((resource) => [resource, value(({ requests }) => requests[resource] ?? 0)])
      ),
      own: value(({ own }) => own),
      batches: value(({ batches }) => batches),
      logBytes: value(({ logBytes }) => logBytes)
    }
  }
  return {
    machines,
    all: counted((_, lived) => lived),
    beyondRest: counted((rest, lived) => lived - rest * idle)
  }
}

/** Two lines: by etcd, and by who wrote. */
export const figureOfLives = (which: string, lives: WritesOfLives | undefined): Figure[] => {
  if (lives === undefined) return []
  const { machines, all, beyondRest } = lives
  const kilobytes = (bytes: number): string => `${round(bytes / 1000)} KB`
  const byResource = Object.entries(beyondRest.requests)
    .filter(([, count]) => count >= 0.1)
    .sort(([, a], [, b]) => b - a)
    .map(([resource, count]) => `${resource} ${count.toFixed(1)}`)
  return [
    {
      name: `etcd for one machine, ${which}`,
      measured:
        `${round(beyondRest.puts)} puts, ${kilobytes(beyondRest.bytes)}, ${round(beyondRest.deletes)} deletes, ` +
        `${kilobytes(beyondRest.wal)} of its log; with what is written anyway ${round(all.puts)} puts, ` +
        `${kilobytes(all.bytes)} (${machines} machines one after the other, from the code to Ready)`
    },
    {
      name: `who writes it, ${which}`,
      measured:
        `${byResource.join(', ')}; the pairing server counts ${round(beyondRest.batches)} batches and ` +
        `${kilobytes(beyondRest.logBytes)} of the log`
    }
  ]
}
