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

/** Folder that an archive of a package leaves out, so that it can be unpacked anywhere. */
const outside = 'usr/'

/**
 * Finds the packages of a release that have a program at the place where this one lies, whose path has `/` between its parts. There may
 * be several, as that of npm beside a .deb.
 */
export const ownPackages = (programs: Sums, { entry, processor }: RunningProgram): OwnPackage[] => {
  const names = new Set([...programs.keys()].map(packageOf))
  return [...names].flatMap((name) => {
    const [, architecture] = name.split('/')
    if (architecture !== undefined && architecture !== architectures[processor]) return []
    const below = [...programs].flatMap(([path, hash]) =>
      packageOf(path) === name ? [[path.slice(name.length + 1), hash] as const] : []
    )
    const own = [below, below.map(([path, hash]) => [withoutOutside(path), hash] as const)].flatMap((files) => {
      const place = files.find(([path]) => entry.endsWith(`/${path}`))?.[0]
      return place === undefined ? [] : [{ name, root: entry.slice(0, -place.length), files: new Map(files) }]
    })
    return own.slice(0, 1)
  })
}

const withoutOutside = (path: string): string => (path.startsWith(outside) ? path.slice(outside.length) : path)

const packageOf = (path: string): string => path.split('/', path.startsWith('npm/') ? 1 : 2).join('/')
