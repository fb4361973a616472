import { kubernetesPrograms, requiredOptions, usefulOptions } from '@joinery/agent/testing/debian'
import { paths } from '@joinery/agent/testing/machine'
import type { Facts } from '@joinery/protocol'
import type { MemoryFiles } from './memory-files.ts'

/** Release of the kernel, as `uname -r` tells it. */
export const kernelRelease = ({ kernel }: Facts): string => kernel || '6.12.48+deb13-amd64'

/**
 * Puts onto the disk what a Debian machine has, as far as preflight reads it: enough for a join, and nothing of one.
 */
export const installDebian = async (files: MemoryFiles, facts: Facts): Promise<void> => {
  await files.write(paths.machineId, `${facts.machineId}\n`, 0o444)
  await files.write(paths.hosts, `127.0.0.1 localhost\n127.0.1.1 ${facts.hostname}\n`, 0o644)
  await files.write(paths.fstab, 'LABEL=rootfs / ext4 defaults 0 1\n', 0o644)
  const options = [...requiredOptions, ...usefulOptions].map(([name]) => `CONFIG_${name}=y\n`)
  await files.write(`/boot/config-${kernelRelease(facts)}`, options.join(''), 0o644)
  await files.write('/usr/bin/apt-get', '', 0o755)
  for (const program of [...kubernetesPrograms, 'apparmor_parser']) await files.write(`/usr/sbin/${program}`, '', 0o755)
}
