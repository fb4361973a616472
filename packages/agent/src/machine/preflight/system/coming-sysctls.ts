import { basename } from 'node:path'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { type DropIn, dropIns } from '../runtime/drop-ins.ts'

/** A sysctl that the next boot sets to something else than 1. */
export interface WrongAtBoot {
  key: string
  value: string
  /** Path of the file that sets it. Undefined if it is the kernel's own value. */
  path: string | undefined
  /** True if the file is read after the agent's own: nothing that the agent writes counts. */
  overridesAgent: boolean
}

/**
 * The sysctls that are not 1 after the next boot, by systemd-sysctl's reading of sysctl.d: the last file that sets a
 * key wins. /etc/sysctl.conf counts only if /etc/sysctl.d links to it. `initial` is the kernel's own value.
 */
export const comingSysctls = async (
  host: Pick<Host, 'read' | 'list'>,
  needed: readonly { key: string; initial: string }[]
): Promise<WrongAtBoot[]> => {
  const files = await dropIns(host, 'sysctl.d')
  return needed.flatMap(({ key, initial }) => {
    const { file, value } = lastToSet(files, key) ?? { value: initial }
    if (value === '1') return []
    const overridesAgent = file !== undefined && file.name > basename(paths.sysctlsFile)
    return [{ key, value, path: file?.path, overridesAgent }]
  })
}

const lastToSet = (files: readonly DropIn[], key: string): { file?: DropIn; value: string } | undefined => {
  for (const file of files.toReversed()) {
    for (const line of file.lines.toReversed()) {
      const [, name = '', value = ''] = /^-?\s*([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
      if (dotted(name) === key) return { file, value }
    }
  }
  return undefined
}

/** The name of a sysctl with dots. If a name is written with slashes, a dot in it is no separator. */
const dotted = (name: string): string => (/^[^./]*\//.test(name) ? name.replaceAll('/', '.') : name)
