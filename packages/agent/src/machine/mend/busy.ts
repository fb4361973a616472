import type { Files } from '@joinery/host/files'

/** Locks of dpkg, apt and rpm. The process that holds one of them changes the packages of this machine. */
const locks = [
  '/var/lib/dpkg/lock-frontend',
  '/var/lib/dpkg/lock',
  '/var/lib/apt/lists/lock',
  '/var/lib/rpm/.rpm.lock',
  '/usr/lib/sysimage/rpm/.rpm.lock'
]

/**
 * The program that is at work on this machine, so that nothing may be mended beside it, in words: a package manager,
 * or kubeadm. Undefined if there is none.
 */
export const busyWith = async (files: Pick<Files, 'read' | 'list' | 'stat'>): Promise<string | undefined> => {
  const [package_, kubeadm] = await Promise.all([packageManager(files), kubeadmProcess(files)])
  return package_ ?? kubeadm
}

/**
 * The package manager that holds a lock, by proc_locks(5): `1: POSIX  ADVISORY  WRITE 1234 fd:00:5678 0 EOF`, where
 * 1234 is the process and 5678 the inode.
 */
const packageManager = async (files: Pick<Files, 'read' | 'stat'>): Promise<string | undefined> => {
  const held = ((await files.read('/proc/locks')) ?? '').split('\n').map((line) => line.trim().split(/\s+/))
  for (const path of locks) {
    const inode = (await files.stat(path))?.inode
    if (inode === undefined) continue
    // not by device: btrfs and overlay show another device there than the file has
    const lock = held.find(([, , , mode, , file = '']) => mode === 'WRITE' && file.split(':')[2] === String(inode))
    if (lock === undefined) continue
    const [, , , , pid] = lock
    const name = await nameOf(files, pid as string)
    return `${name ?? 'a package manager'} (process ${pid}) holds ${path}`
  }
  return undefined
}

const kubeadmProcess = async (files: Pick<Files, 'read' | 'list'>): Promise<string | undefined> => {
  const pids = (await files.list('/proc')).filter((name) => /^\d+$/.test(name))
  const names = await Promise.all(pids.map((pid) => nameOf(files, pid)))
  const index = names.indexOf('kubeadm')
  return index === -1 ? undefined : `kubeadm (process ${pids[index]}) is at work`
}

/** Name of a process. Undefined if it ends while it is looked at. */
const nameOf = async (files: Pick<Files, 'read'>, pid: string): Promise<string | undefined> =>
  (await files.read(`/proc/${pid}/comm`).catch(() => undefined))?.trim()
