import { randomUUID } from 'node:crypto'
import { paths } from '../paths.ts'
import { neededSysctls, sysctlPath } from '../preflight/sysctls.ts'
import type { MemoryFiles } from './memory-files.ts'

const bridge = neededSysctls.map(({ key }) => key).filter((key) => key.startsWith('net.bridge.'))

/** What is in /proc and /sys when a Debian machine has booted: no bridge filter, no forwarding, but for what its files say. */
export const bootKernel = async (files: MemoryFiles, productUuid: string): Promise<void> => {
  for (const folder of ['/run', '/proc', '/sys']) files.clear(folder)
  files.append(paths.productUuid, `${productUuid}\n`)
  files.append('/proc/sys/kernel/random/boot_id', `${randomUUID()}\n`)
  files.append(paths.filesystems, 'nodev\ttmpfs\nnodev\toverlay\n\text4\n')
  files.append(paths.swaps, 'Filename\tType\tSize\tUsed\tPriority\n')
  files.append(sysctlPath('net.ipv4.ip_forward'), '0\n')
  for (const module of await lines(files, paths.modulesFile)) loadModule(files, module)
  for (const line of await lines(files, paths.sysctlsFile)) {
    const [, key = '', value = ''] = /^-?(\S+) = (\S+)$/.exec(line) ?? []
    if (await files.exists(sysctlPath(key))) await files.set(sysctlPath(key), `${value}\n`)
  }
}

/** `modprobe`. */
export const loadModule = (files: MemoryFiles, name: string): void => {
  if (name === 'br_netfilter') for (const key of bridge) files.append(sysctlPath(key), '1\n')
}

const lines = async (files: MemoryFiles, path: string): Promise<string[]> =>
  ((await files.read(path)) ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
