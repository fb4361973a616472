import { given } from '@joinery/protocol/given'
import { paths } from '../../host/paths.ts'
import { missingModules, neededModules } from '../preflight/system/kernel-modules.ts'
import { neededSysctls, sysctlPath, wrongSysctls } from '../preflight/system/sysctls.ts'
import type { Mender, MenderParts } from './mender.ts'

/**
 * Loads the kernel modules that are missing. The file comes first: after a power cut between the two the machine is
 * right at its next boot.
 */
export const mendKernelModules: Mender = async (parts) => {
  const { files, exec, change } = parts
  await ownFile(parts, paths.modulesFile, neededModules)
  for (const name of await missingModules(files)) {
    await change({ verb: 'load', object: `the kernel module ${name}` }, () => exec(['modprobe', name]))
  }
}

export const mendSysctls: Mender = async (parts) => {
  const { files, change } = parts
  // "-": a key that this machine does not have is no error at boot
  const lines = neededSysctls.map(({ key, optional }) => `${optional ? '-' : ''}${key} = 1`)
  await ownFile(parts, paths.sysctlsFile, lines)
  for (const { key, value } of await wrongSysctls(files)) {
    await change({ verb: 'set', object: key, ...given({ before: value }), after: '1' }, async () => {
      if (value === undefined) throw new Error('the kernel has no such key')
      await files.set(sysctlPath(key), '1\n')
    })
  }
}

/** Writes a file that is all the agent's own, with these lines. */
const ownFile = async ({ files, change }: MenderParts, path: string, lines: readonly string[]): Promise<void> => {
  const text = ['# Needed by Kubernetes; written by joinery-agent', ...lines, ''].join('\n')
  const before = await files.read(path)
  if (before === text) return
  const planned = { verb: 'write', object: path, ...given({ before }), after: text } as const
  await change(planned, () => files.write(path, text, 0o644))
}
