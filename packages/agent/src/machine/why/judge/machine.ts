import type { Cause } from '@joinery/protocol'
import { inWords, tooMuch } from '../../preflight/system/clock-skew.ts'
import type { ApiSeen, DiskSeen, Seen } from '../seen.ts'
import { causeHere } from './cause.ts'

const mebi = 2 ** 20
/** Free bytes, and share of the inodes, below which programs fail in writing. */
const full = { bytes: 32 * mebi, inodes: 0.001 } as const

/**
 * True if each disk has the room that a kubelet keeps free by its defaults (eviction thresholds of nodefs and imagefs): what a journal said
 * of a full one is over. False if no disk could be looked at.
 */
export const haveRoom = (disks: readonly DiskSeen[]): boolean =>
  disks.length > 0 &&
  disks.every(
    ({ space: { free, total, freeInodes, totalInodes } }) =>
      free >= kept.bytes * total && freeInodes >= kept.inodes * totalInodes
  )

/** Shares of a disk below which a kubelet throws Pods off its Node: `imagefs.available` and `nodefs.inodesFree`. */
const kept = { bytes: 0.15, inodes: 0.05 } as const

/** A full disk: no program writes there any more, neither kubelet nor container runtime. */
export const judgeDisks = (disks: readonly DiskSeen[]): Cause[] => {
  const found = disks.flatMap(({ path, space: { free, total, freeInodes, totalInodes } }) => {
    if (total > 0 && free < full.bytes) return [{ path, what: 'space' }]
    return totalInodes > 0 && freeInodes / totalInodes < full.inodes ? [{ path, what: 'inodes' }] : []
  })
  const [first] = found
  if (first === undefined) return []
  const folders = [...new Set(found.map(({ path }) => path))].join(' ')
  const what = first.what === 'space' ? 'is full' : 'has no inode left'
  return [
    causeHere('disk-full', `the disk of ${first.path} ${what}`, {
      evidence: found.map(({ path, what }) => `${path}: no ${what} left`),
      remedy: ['journalctl --vacuum-size=100M', `df -h ${folders}`, `df -i ${folders}`]
    })
  ]
}

/** A clock that is wrong by more than the certificates of a cluster bear, by the API server or by the pairing server. */
export const judgeClock = ({ api, skew, now }: Pick<Seen, 'api' | 'skew' | 'now'>): Cause[] => {
  const apart = skewOf(api, now) ?? skew
  if (apart === undefined || Math.abs(apart) < tooMuch) return []
  const whose = skewOf(api, now) === undefined ? "the pairing server's" : "the API server's"
  // to the minute, so that the words are the same at the next look
  const minutes = Math.round(Math.abs(apart) / 60_000) * 60_000
  return [
    causeHere(
      'clock-wrong',
      `the clock of this machine is ${inWords(minutes)} ${apart > 0 ? 'ahead of' : 'behind'} ${whose}`,
      {
        evidence: [`this machine says ${new Date(now).toISOString()}`],
        remedy: [
          'timedatectl',
          'timedatectl set-ntp true',
          `date --set='${apart > 0 ? '-' : '+'}${Math.round(Math.abs(apart) / 1000)} seconds'`
        ]
      }
    )
  ]
}

/**
 * Milliseconds by which this machine's clock is ahead of the API server's. A date that nobody vouches for counts only if the certificates
 * do not fit this machine's time.
 */
const skewOf = (api: ApiSeen | undefined, now: number): number | undefined =>
  api?.date === undefined ? undefined : now - api.date
