import { basename } from 'node:path'
import type { Host } from '../../host/host.ts'
import { paths } from '../../host/paths.ts'
import { type DropIn, dropIns } from '../runtime/drop-ins.ts'

/** A sysctl that the next boot sets to something else than 1. */
export interface WrongAtBoot {
  key: string
  value: string
  /** Of the file that sets it; undefined where it is the kernel's own value. */
  path: string | undefined
  /** The file is read after the agent's own: nothing that the agent writes counts. */
  overridesAgent: boolean
}

/**
 * Which of them are not 1 after the next boot, by what systemd-sysctl makes of sysctl.d: the last file that sets a key wins.
 * /etc/sysctl.conf is one of them only where /etc/sysctl.d links to it. `initial`: the kernel's own value.
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

/** A name may be written with slashes: then a dot in it is none of the separators. */
const dotted = (name: string): string => (/^[^./]*\//.test(name) ? name.replaceAll('/', '.') : name)
