import type { Life, Restore, Seen, TakeOver } from '../seen.ts'

const second = 1_000

/** The memory of a host counts for so long before the last renewal of the Lease, and the Lease is renewed within so long. */
const remembered = 72 * second

/** A server looks at the log so often, and reads so often what the others say. */
const lookEach = 10 * second

/** Time in which a look and what is said of it come to the API server, in good weather. */
const saying = 4 * second

/** Faults by which a server hears or says nothing for a while, and how long ago they may have begun. */
const silencing: readonly string[] = [
  'rough weather',
  'API server refuses',
  'API server away',
  'etcd full',
  'cut off',
  'stopped',
  'suspended',
  'frozen'
]
const silentFor = 90 * second

/**
 * True if no server could see, when this one gave something, that etcd had been put back. It took over since, and its host was there within
 * a minute of the snapshot, as in a power cut. And no host that has what the restore took away had the time to say so.
 */
export const isUnseen = (
  seen: Seen,
  restore: Restore,
  { process, told }: { process: string; told: number }
): boolean => {
  const taken = seen.takeOvers.findLast((one) => one.process === process && one.at <= told && one.refused === undefined)
  if (taken === undefined || taken.at < restore.at || taken.settled !== undefined) return false
  if (!wasThere(seen, hostOf(process), { from: restore.to - remembered, to: restore.to, until: taken.at })) return false
  if (seen.faults.some(({ at, what }) => silencing.includes(what) && told - silentFor < at && at < told)) return true
  return !seen.lives.some((life) => isHeard(seen, life, { restore, taken, told }))
}

/** Name of the host of a process. */
const hostOf = (process: string): string => process.replace(/-[0-9]+$/, '')

/** True if a process of this host lived then, and the host has what it noted, until that time. */
const wasThere = (
  { lives, faults }: Seen,
  host: string,
  { from, to, until }: { from: number; to: number; until: number }
): boolean =>
  lives.some(
    (life) =>
      hostOf(life.process) === host &&
      life.from < to &&
      (life.until ?? to) >= from &&
      !faults.some((one) => one.what === 'replaced' && one.host === host && life.from < one.at && one.at < until)
  )

/** True if this process could say in time that its host has what the restore took away. */
const isHeard = (
  { commits, faults }: Seen,
  { process, from, until = Number.POSITIVE_INFINITY }: Life,
  { restore, taken, told }: { restore: Restore; taken: TakeOver; told: number }
): boolean => {
  const host = hostOf(process)
  const knows = commits.some(
    (one) =>
      hostOf(one.process) === host &&
      one.isDone === true &&
      one.asked > restore.to &&
      (one.told ?? restore.at) < restore.at &&
      !faults.some(({ what, host: lost, at }) => what === 'replaced' && lost === host && one.asked < at && at < told)
  )
  // one that stood by all the while sees it at its next look
  const said = (from < restore.at ? restore.at + lookEach : from) + saying
  return knows && until > said && (said < taken.at || said + lookEach < told)
}
