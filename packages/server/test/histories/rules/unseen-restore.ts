import type { Life, Restore, Seen, TakeOver } from '../seen.ts'

const second = 1_000

/** The memory of a host counts for so long before the last renewal of the Lease, and the Lease is renewed within so long. */
const remembered = 72 * second

/** A server looks at the log so often, and reads so often what the others say. */
const lookEach = 10 * second

/** Time in which a look and what is said of it come to the API server, in good weather. */
const saying = second

/** Milliseconds for which a fault keeps a server from hearing or saying anything, at most. The others do not. */
const silentFor: Readonly<Record<string, number>> = {
  'rough weather': 60 * second,
  'API server refuses': 6 * second,
  'API server away': 30 * second,
  'etcd full': 20 * second,
  'cut off': 40 * second,
  stopped: 30 * second,
  suspended: 30 * second,
  frozen: 30 * second
}

/** Faults of one host alone. */
const ofOneHost: readonly string[] = ['cut off', 'stopped', 'suspended', 'frozen']

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
  seen: Seen,
  { process, from, until = Number.POSITIVE_INFINITY }: Life,
  { restore, taken, told }: { restore: Restore; taken: TakeOver; told: number }
): boolean => {
  const host = hostOf(process)
  const knows = seen.commits.some(
    (one) =>
      hostOf(one.process) === host &&
      one.isDone === true &&
      one.asked > restore.to &&
      (one.told ?? restore.at) < restore.at &&
      !seen.faults.some(
        ({ what, host: lost, at }) => what === 'replaced' && lost === host && one.asked < at && at < told
      )
  )
  // one that stood by all the while sees it at its next look
  const said = (from < restore.at ? restore.at + lookEach : from) + saying
  const isInTime = until > said && (said < taken.at || said + lookEach < told)
  return (
    knows && isInTime && !isSilent(seen, [host, hostOf(taken.process)], { from: said - saying - lookEach, to: told })
  )
}

/** True if one of these hosts may have heard or said nothing in that time, for a while. */
const isSilent = ({ faults }: Seen, hosts: readonly string[], { from, to }: { from: number; to: number }): boolean =>
  faults.some(
    ({ at, what, host }) =>
      at < to && at + (silentFor[what] ?? 0) > from && (!ofOneHost.includes(what) || hosts.includes(host))
  )
