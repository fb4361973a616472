import { randomUUID } from 'node:crypto'
import { neededSysctls, turnsOnSwap } from '@joinery/agent/testing/debian'
import { paths } from '@joinery/agent/testing/machine'
import { sysctlPath } from '@joinery/agent/testing/preflight'
import { CommandError } from '@joinery/host/exec'
import type { Facts } from '@joinery/protocol'
import { kernelRelease } from './debian-files.ts'
import type { MemoryFiles } from './memory-files.ts'
import { plugNetworkCard } from './network-card.ts'

const bridge = neededSysctls.map(({ key }) => key).filter((key) => key.startsWith('net.bridge.'))

/** Fills /proc and /sys as on a Debian machine that has booted: no bridge filter and no forwarding, unless its files say so. */
export const bootKernel = async (files: MemoryFiles, facts: Facts): Promise<void> => {
  for (const folder of ['/run', '/proc', '/sys']) files.clear(folder)
  files.append(paths.productUuid, `${facts.productUuid}\n`)
  files.append('/proc/sys/kernel/random/boot_id', `${randomUUID()}\n`)
  files.append(paths.kernelRelease, `${kernelRelease(facts)}\n`)
  files.append(paths.hostname, `${facts.hostname}\n`)
  files.append(paths.filesystems, 'nodev\ttmpfs\nnodev\toverlay\n\text4\n')
  files.append(paths.cgroupControllers, 'cpuset cpu io memory hugetlb pids rdma misc\n')
  files.append(paths.appArmorEnabled, 'Y\n')
  files.append(paths.memory, `MemTotal: ${Math.floor((facts.memory || 2 ** 31) / 1024)} kB\n`)
  files.append(paths.processors, `0-${(facts.cpus || 2) - 1}\n`)
  files.append(paths.swaps, noSwap)
  for (const line of (await lines(files, paths.fstab)).filter(turnsOnSwap)) {
    files.append(paths.swaps, `${line.trim().split(/\s+/)[0]}\tpartition\t2097148\t0\t-2\n`)
  }
  files.append(paths.timeSynchronized, '')
  files.append(sysctlPath('fs.file-max'), '9223372036854775807\n')
  files.append(sysctlPath('fs.inotify.max_user_instances'), '128\n')
  files.append(sysctlPath('fs.inotify.max_user_watches'), '62332\n')
  files.append(sysctlPath('net.ipv4.ip_forward'), '0\n')
  plugNetworkCard(files)
  for (const module of await lines(files, paths.modulesFile)) loadModule(files, module)
  for (const line of await lines(files, paths.sysctlsFile)) {
    const [, key = '', value = ''] = /^-?(\S+) = (\S+)$/.exec(line) ?? []
    if (await files.exists(sysctlPath(key))) await files.set(sysctlPath(key), `${value}\n`)
  }
}

const noSwap = 'Filename\tType\tSize\tUsed\tPriority\n'

/** Plays `swapoff -a`, which fails if memory has no room for what is swapped out. */
export const swapOff = async (files: MemoryFiles): Promise<void> => {
  const [, ...swaps] = await lines(files, paths.swaps)
  const used = swaps.map((line) => Number(line.split(/\s+/)[3])).reduce((sum, kilobytes) => sum + kilobytes, 0)
  const [, memory] = /^MemTotal: (\d+) kB$/m.exec((await files.read(paths.memory)) ?? '') ?? []
  if (used > Number(memory)) {
    throw new CommandError(['swapoff', '-a'], 1, 'swapoff: swapoff failed: Cannot allocate memory')
  }
  await files.set(paths.swaps, noSwap)
}

/** Plays `modprobe`. */
export const loadModule = (files: MemoryFiles, name: string): void => {
  if (name !== 'br_netfilter') return
  files.append(paths.modules, 'br_netfilter 32768 0 - Live 0x0\n')
  for (const key of bridge) files.append(sysctlPath(key), '1\n')
}

const lines = async (files: MemoryFiles, path: string): Promise<string[]> =>
  ((await files.read(path)) ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
