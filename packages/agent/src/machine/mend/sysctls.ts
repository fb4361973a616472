import { paths } from '../host/paths.ts'
import { neededSysctls, sysctlPath, wrongSysctls } from '../preflight/system/sysctls.ts'
import type { Mender } from './mender.ts'
import { ownFile } from './own-file.ts'

export const mendSysctls: Mender = async (parts) => {
  const { files, change } = parts
  // "-": a key that this machine does not have is no error at boot
  const lines = neededSysctls.map(({ key, optional }) => `${optional ? '-' : ''}${key} = 1`)
  await ownFile(parts, paths.sysctlsFile, lines)
  for (const { key, value } of await wrongSysctls(files)) {
    await change({ verb: 'set', object: key, ...(value !== undefined && { before: value }), after: '1' }, async () => {
      if (value === undefined) throw new Error('the kernel has no such key')
      await files.set(sysctlPath(key), '1\n')
    })
  }
}
