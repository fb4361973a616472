import type { Space } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import { containerdConfig } from '../runtime/containerd-config.ts'
import { type PackageManager, packageManager } from '../runtime/packages.ts'

interface Need {
  path: string
  /** Free share of the file system, and of its inodes, below which the kubelet evicts Pods. */
  evicts?: { space: number; inodes: number }
  /** Bytes without which nothing works, however small the disk is. */
  least: number
}

const cleans: Readonly<Record<PackageManager, readonly string[]>> = {
  apt: ['apt-get clean'],
  dnf: ['dnf clean packages'],
  zypper: ['zypper clean'],
  none: []
}

const mebi = 2 ** 20
/** Distance from eviction that is worth a word, as a share. */
const margin = 0.05

/**
 * Space that each folder needs, by the kubelet's own defaults (nodefs.available, nodefs.inodesFree,
 * imagefs.available, imagefs.inodesFree).
 */
const needs = (images: string, etcd: boolean): Need[] => [
  { path: '/var/lib/kubelet', evicts: { space: 0.1, inodes: 0.05 }, least: 128 * mebi },
  { path: images, evicts: { space: 0.15, inodes: 0.05 }, least: 256 * mebi },
  { path: '/etc/kubernetes', least: 16 * mebi },
  { path: '/var/log', least: 64 * mebi },
  // etcd's write-ahead log is 64 MiB at a time, and etcd keeps some of them beside snapshots
  ...(etcd ? [{ path: paths.etcdData, least: 512 * mebi }] : [])
]

/** Checks free space on the disks. `etcd`: the machine would be a member. */
export const diskSpace = (etcd = false): PreflightCheck => ({
  name: 'disk-space',
  why: 'below these limits the kubelet throws Pods off the node as soon as it has joined, and pulls no image',
  async run(host) {
    const all = needs((await containerdConfig(host)).root, etcd)
    const judged = await Promise.all(
      all.map(async (need) => ({ path: need.path, ...judge(need, await host.space(need.path)) }))
    )
    const low = judged.filter(({ less }) => less !== undefined)
    if (low.length === 0) return pass('there is room for images, Pods and logs')
    const found = low.map(({ path, less }) => `${path} has less than ${less} free`).join('; ')
    const folders = low.map(({ path }) => `'${path}'`).join(' ')
    const clean = cleans[await packageManager(host)]
    const remedy = ['journalctl --vacuum-size=100M', ...clean, `df -h ${folders}`, `df -i ${folders}`]
    return low.some(({ evicted }) => evicted) ? fail(found, ...remedy) : warn(found, ...remedy)
  }
})

/**
 * Judges the space of one folder. `less` is the limit that the space is below. It is not the free space, which
 * differs at each look.
 */
const judge = ({ evicts, least }: Need, { free, total, freeInodes, totalInodes }: Space): Judgement => {
  if (free < least) return { less: `${least / mebi} MiB`, evicted: true }
  if (evicts === undefined) return {}
  const space = total === 0 ? 1 : free / total
  // btrfs counts no inodes
  const inodes = totalInodes === 0 ? 1 : freeInodes / totalInodes
  for (const more of [0, margin]) {
    const evicted = more === 0
    if (space < evicts.space + more) return { less: `${percent(evicts.space + more)} of its space`, evicted }
    if (inodes < evicts.inodes + more) return { less: `${percent(evicts.inodes + more)} of its inodes`, evicted }
  }
  return {}
}

interface Judgement {
  less?: string
  evicted?: boolean
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
