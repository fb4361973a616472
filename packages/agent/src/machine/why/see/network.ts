import type { Files } from '@joinery/host/files'
import { paths } from '../../../host/paths.ts'
import type { NetworkSeen } from '../seen.ts'

/** Folders in which distributions and network plugins put the programs. */
const usualFolders = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni']
/** Largest configuration that is read, in bytes. */
const longest = 64 * 1024

type Read = Pick<Files, 'read' | 'list' | 'stat'>

/** Reads the configuration of the network plugin, and looks for its programs. */
export const seeNetwork = async (files: Read): Promise<NetworkSeen> => {
  const folder = paths.cniConfigurations
  const name = (await files.list(folder)).find((name) => /\.(conflist|conf|json)$/.test(name))
  const binaries = await binaryFolders(files)
  if (name === undefined) return { folder, missing: [], binaries }
  const file = `${folder}/${name}`
  const found = await typesIn(files, file)
  if ('broken' in found) return { folder, file, ...found, missing: [], binaries }
  const missing: string[] = []
  for (const type of found.types) if (!(await isProgram(files, binaries, type))) missing.push(type)
  return { folder, file, missing, binaries }
}

const typesIn = async (files: Read, file: string): Promise<{ types: string[] } | { broken: string }> => {
  const { size = 0 } = (await files.stat(file)) ?? {}
  if (size > longest) return { broken: `it has more than ${longest / 1024} KiB` }
  try {
    const types = pluginTypes(JSON.parse((await files.read(file)) ?? ''))
    return types.length === 0 ? { broken: 'it names no plugin' } : { types }
  } catch (error) {
    return { broken: error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message }
  }
}

interface Plugin {
  type?: unknown
  ipam?: { type?: unknown } | null
}

/** The programs that a configuration names, its own and those for addresses. The name of a program is no path. */
const pluginTypes = (configuration: { plugins?: unknown } & Plugin): string[] => {
  const plugins = Array.isArray(configuration?.plugins) ? (configuration.plugins as Plugin[]) : [configuration]
  const types = plugins.flatMap((plugin) => [plugin?.type, plugin?.ipam?.type])
  return [...new Set(types.filter((type) => typeof type === 'string' && /^[\w.-]{1,64}$/.test(type)))] as string[]
}

const isProgram = async (files: Read, folders: readonly string[], name: string): Promise<boolean> => {
  for (const folder of folders) {
    const found = await files.stat(`${folder}/${name}`)
    if (found !== undefined && (found.kind === 'link' || (found.mode & 0o111) !== 0)) return true
  }
  return false
}

/** The folders of the programs: those of containerd's configuration, and the usual ones. */
const binaryFolders = async (files: Read): Promise<string[]> => {
  const text = ((await files.read(paths.containerdConfig)) ?? '').replace(/^\s*#.*$/gm, '')
  const named = [...text.matchAll(/^\s*bin_dirs?\s*=\s*(.+)$/gm)].flatMap(([, value = '']) =>
    [...value.matchAll(/["'](\/[^"']+)["']/g)].map(([, path = '']) => path)
  )
  return [...new Set([...named, ...usualFolders])]
}
