import { readdirSync, readFileSync } from 'node:fs'
import type { Metafile } from 'esbuild'
import type { Architecture } from '../architecture.ts'
import { version as released } from '../bundle/bundle.ts'
import { pageFiles } from '../bundle/pages.ts'
import { bundledLicences } from '../dependencies/bundled-licences.ts'
import { type BundledPackage, bundledPackages } from '../dependencies/bundled-packages.ts'
import type { NodeRuntime } from '../node/node-runtime.ts'
import { debianVersion } from '../release/version.ts'
import { debianChangelog } from './changelog.ts'
import { copyOf, type DebianPackage, type PackageFile } from './deb.ts'
import { launcher } from './launcher.ts'
import { lintianOverrides } from './lintian.ts'

/** A program of the project that has a package of its own. */
export type Part = 'joinery' | 'agent' | 'server'

export interface Parts {
  part: Part
  /** The short line, then the long lines. */
  description: string[]
  depends?: string[]
  /** Further fields of the control file. */
  control?: Record<string, string>
  program: Program
  /** Modules that are in files of the package and in no bundle. */
  modules?: readonly string[]
  /** Folder of its maintainer scripts. */
  scripts?: string
  /** Names of units. One without an ending is a service. */
  units?: string[]
  files: PackageFile[]
  links?: Record<string, string>
  /** Folders beside those of the files. */
  folders?: string[]
}

/** What a package has for its processor, and of its release. */
export interface Target {
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  epoch: number
  architecture: Architecture
  node: NodeRuntime
}

/** A package of this project, with what it was made of. */
export interface JoineryPackage extends DebianPackage {
  /** npm packages with code in it. */
  packages: readonly BundledPackage[]
  node: NodeRuntime
}

interface Program {
  /** Where its bundle lies. */
  folder: string
  bundle: Metafile
  nodeOptions?: string[]
}

const version = debianVersion(released)
const maintainer = 'The Joinery authors <authors@joinery.invalid>'

/** A package of this project: a program with a Node of its own below /usr/lib, its command, units, licences and maintainer scripts. */
export const joineryPackage = (
  { architecture, node, epoch }: Target,
  {
    part,
    description,
    depends = [],
    control = {},
    program,
    modules = [],
    scripts,
    units = [],
    files,
    links = {},
    folders = []
  }: Parts
): JoineryPackage => {
  const name = part === 'joinery' ? part : `joinery-${part}`
  const lib = `/usr/lib/${name}`
  const doc = `/usr/share/doc/${name}`
  const packages = bundledPackages([program.bundle], modules)
  return {
    control: {
      Package: name,
      Version: version,
      Architecture: architecture.debian,
      Maintainer: maintainer,
      Section: 'admin',
      Priority: 'optional',
      ...control,
      Depends: ['libc6 (>= 2.28)', 'libstdc++6 (>= 5.2)', ...depends].join(', '),
      Description: description.join('\n')
    },
    scripts: scripts === undefined ? {} : contentOf(scripts),
    files: [
      ...node.files(lib),
      { path: `/usr/bin/${name}`, mode: 0o755, content: launcher(lib, name, program.nodeOptions ?? []) },
      ...filesIn(program.folder).map((file) => copyOf(`${program.folder}/${file}`, `${lib}/${file}`)),
      ...units.map(fileOf).map((unit) => copyOf(`systemd/${unit}`, `/usr/lib/systemd/system/${unit}`)),
      {
        path: `${doc}/changelog.gz`,
        mode: 0o644,
        content: debianChangelog({ package: name, version, maintainer, epoch })
      },
      { path: `/usr/share/lintian/overrides/${name}`, mode: 0o644, content: lintianOverrides(name) },
      ...pageFiles(program.bundle, doc),
      copyOf('packaging/debian/copyright', `${doc}/copyright`),
      {
        path: `${doc}/licences`,
        mode: 0o644,
        content: `${bundledLicences(packages)}\n==== Node.js\n\n${node.licence}`
      },
      ...files
    ],
    links,
    folders,
    packages,
    node
  }
}

/** Paths of the files in a folder and below it, in a fixed order. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.length + 1))
    .sort()

/** Each file of a folder by its name. */
const contentOf = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`)]))

/** The file of a unit. */
const fileOf = (unit: string): string => (unit.includes('.') ? unit : `${unit}.service`)
