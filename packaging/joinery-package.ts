import { readdirSync, readFileSync } from 'node:fs'
import type { Metafile } from 'esbuild'
import type { Architecture } from './architecture.ts'
import { version as semver } from './bundle.ts'
import { debianChangelog } from './changelog.ts'
import type { DebianPackage, PackageFile } from './deb.ts'
import { bundledLicences } from './dependencies/bundled-licences.ts'
import { type BundledPackage, bundledPackages } from './dependencies/bundled-packages.ts'
import { launcher } from './launcher.ts'
import { lintianOverrides } from './lintian.ts'
import type { NodeRuntime } from './node/node-runtime.ts'
import { debianVersion } from './release/version.ts'

export interface Parts {
  /** `joinery-<part>`. */
  part: 'agent' | 'server'
  /** The short line, then the long lines. */
  description: string[]
  depends: string[]
  programs: Program[]
  /** Modules that are in files of the package and in no bundle. */
  modules?: readonly string[]
  /** Names of units. One without an ending is a service. */
  units: string[]
  files: PackageFile[]
  links?: Record<string, string>
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
  /** Of its command. */
  name: string
  /** Of its bundle in dist/. */
  folder: string
  bundle: Metafile
  nodeOptions?: string[]
}

const version = debianVersion(semver)
const maintainer = 'The Joinery authors <authors@joinery.invalid>'

/**
 * A package of this project: programs with a Node of their own below /usr/lib, their commands, units, licences, and the
 * maintainer scripts of `packaging/<part>`.
 */
export const joineryPackage = (
  { architecture, node, epoch }: Target,
  { part, description, depends, programs, modules = [], units, files, links = {} }: Parts
): JoineryPackage => {
  const name = `joinery-${part}`
  const lib = `/usr/lib/${name}`
  const bundles = programs.map(({ bundle }) => bundle)
  const packages = bundledPackages(bundles, modules)
  return {
    control: {
      Package: name,
      Version: version,
      Architecture: architecture.debian,
      Maintainer: maintainer,
      Section: 'admin',
      Priority: 'optional',
      Depends: ['libc6 (>= 2.28)', 'libstdc++6 (>= 5.2)', ...depends].join(', '),
      Description: description.join('\n')
    },
    scripts: Object.fromEntries(
      readdirSync(`packaging/${part}`).map((script) => [script, readFileSync(`packaging/${part}/${script}`)])
    ),
    files: [
      ...node.files(lib),
      ...programs.flatMap(({ name, folder, nodeOptions = [] }) => [
        { path: `/usr/bin/${name}`, mode: 0o755, content: launcher(lib, name, nodeOptions) },
        ...filesIn(`dist/${folder}`).map((file) => copyOf(`dist/${folder}/${file}`, `${lib}/${file}`))
      ]),
      ...units.map(fileOf).map((unit) => copyOf(`systemd/${unit}`, `/usr/lib/systemd/system/${unit}`)),
      {
        path: `/usr/share/doc/${name}/changelog.gz`,
        mode: 0o644,
        content: debianChangelog({ package: name, version, maintainer, epoch })
      },
      { path: `/usr/share/lintian/overrides/${name}`, mode: 0o644, content: lintianOverrides(name) },
      copyOf('packaging/copyright', `/usr/share/doc/${name}/copyright`),
      {
        path: `/usr/share/doc/${name}/licences`,
        mode: 0o644,
        content: `${bundledLicences(packages)}\n==== Node.js\n\n${node.licence}`
      },
      ...files
    ],
    links,
    folders: ['/etc/joinery'],
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

/** The file of a unit. */
const fileOf = (unit: string): string => (unit.includes('.') ? unit : `${unit}.service`)

/** A file of the checkout, for everybody to read. */
export const copyOf = (source: string, path: string): PackageFile => ({
  path,
  mode: 0o644,
  content: readFileSync(source)
})
