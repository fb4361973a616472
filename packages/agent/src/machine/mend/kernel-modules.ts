import { paths } from '../host/paths.ts'
import { missingModules, neededModules } from '../preflight/system/kernel-modules.ts'
import type { Mender } from './mender.ts'
import { ownFile } from './own-file.ts'

/** The file before the act: a power cut between the two leaves a machine that is right at its next boot. */
export const mendKernelModules: Mender = async (parts) => {
  const { files, exec, change } = parts
  await ownFile(parts, paths.modulesFile, neededModules)
  for (const name of await missingModules(files)) {
    await change({ verb: 'load', object: `the kernel module ${name}` }, () => exec(['modprobe', name]))
  }
}
