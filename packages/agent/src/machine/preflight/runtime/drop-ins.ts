import type { Host } from '../../../host/host.ts'

/** A file of configuration. `lines` are without comments and empty ones. */
export interface DropIn {
  name: string
  path: string
  lines: string[]
}

/** Folders in this order: of several files of one name only the file in the first folder counts. */
const roots = ['/etc', '/run', '/usr/local/lib', '/usr/lib']

/** The files of sysctl.d, modules-load.d or modprobe.d, in the order in which the machine reads them at boot (sysctl.d(5)). */
export const dropIns = async (host: Pick<Host, 'read' | 'list'>, folder: string): Promise<DropIn[]> => {
  const paths = new Map<string, string>()
  for (const root of roots) {
    for (const name of await host.list(`${root}/${folder}`)) {
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${root}/${folder}/${name}`)
    }
  }
  const inOrder = [...paths].sort(([one], [other]) => (one < other ? -1 : 1))
  return Promise.all(
    inOrder.map(async ([name, path]) => ({ name, path, lines: linesOf((await host.read(path)) ?? '') }))
  )
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[^#;]/.test(line))
