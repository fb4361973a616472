import type { RunningProgram } from '../terminal/terminal.ts'
import type { Sums } from './sums.ts'

/** The package of a release that a program was installed from. */
export interface OwnPackage {
  /** `PACKAGE/ARCHITECTURE`, or `npm`. */
  name: string
  /** Folder below which the package lies here, with a `/` at its end. */
  root: string
  /** The files of the package, by their paths below the root. */
  files: Sums
}

/** Architectures as Debian names them, by the names of Node. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Finds the packages of a release that have a program at the place where this one lies, whose path has `/` between its parts. There may
 * be several: the same file may be in a .deb and in a .tar.gz.
 */
export const ownPackages = (programs: Sums, { entry, processor }: RunningProgram): OwnPackage[] =>
  [...Map.groupBy(programs, ([path]) => packageOf(path))].flatMap(([name, rows]) => {
    const [, architecture] = name.split('/')
    if (architecture !== undefined && architecture !== architectures[processor]) return []
    const files = new Map(rows.map(([path, hash]) => [path.slice(name.length + 1), hash]))
    const place = [...files.keys()].filter((path) => entry.endsWith(`/${path}`)).sort((a, b) => b.length - a.length)[0]
    return place === undefined ? [] : [{ name, root: entry.slice(0, -place.length), files }]
  })

const packageOf = (path: string): string => path.split('/', path.startsWith('npm/') ? 1 : 2).join('/')
