import type { Space } from '../../host/host.ts'
import { paths } from '../../host/paths.ts'
import { fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import { containerdConfig } from '../runtime/containerd-config.ts'
import { type PackageManager, packageManager } from '../runtime/packages.ts'

interface Need {
  path: string
  /** Free share of the file system below which the kubelet evicts Pods, and of its inodes. */
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
/** How near to eviction is worth a word. */
const margin = 0.05

/** The kubelet's own defaults (nodefs.available, nodefs.inodesFree, imagefs.available, imagefs.inodesFree). */
const needs = (images: string, etcd: boolean): Need[] => [
  { path: '/var/lib/kubelet', evicts: { space: 0.1, inodes: 0.05 }, least: 128 * mebi },
  { path: images, evicts: { space: 0.15, inodes: 0.05 }, least: 256 * mebi },
  { path: '/etc/kubernetes', least: 16 * mebi },
  { path: '/var/log', least: 64 * mebi },
  // its write-ahead log is 64 MiB at a time, and it keeps some of them beside snapshots
  ...(etcd ? [{ path: paths.etcdData, least: 512 * mebi }] : [])
]

/** `etcd`: the machine is to be a member. */
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

/** `less`: the limit that it is below, not how much there is, which is something else at each look. */
const judge = ({ evicts, least }: Need, { free, total, freeInodes, totalInodes }: Space): Judgement => {
  if (free < least) return { less: `${least / mebi} MiB`, evicted: true }
  if (evicts === undefined) return {}
  const space = total === 0 ? 1 : free / total
  // btrfs counts none
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
