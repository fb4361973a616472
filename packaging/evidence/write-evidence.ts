import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { architectures } from '../architecture.ts'
import type { JoineryPackage } from '../debian/joinery-package.ts'
import { lockedIntegrities } from '../dependencies/lock-file.ts'
import { npmNode } from '../node/npm-node.ts'
import { debianVersion } from '../release/version.ts'
import type { Materials } from './component.ts'
import { cycloneDx } from './cyclonedx.ts'
import { componentsOf, type Shipped } from './materials.ts'
import { spdx } from './spdx.ts'
import { type Sum, sumsText } from './sums.ts'

/** What was built, for those who ask what is in it. */
export interface Evidence {
  /** As package.json has it. */
  version: string
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  epoch: number
  shipped: readonly Shipped[]
  /** Program files of all packages. */
  programs: readonly Sum[]
}

/** Writes `PROGRAMS` and the two bills of materials into the folder. */
export const writeEvidence = (target: string, { version, epoch, shipped, programs }: Evidence): void => {
  writeFileSync(`${target}/PROGRAMS`, sumsText(programs))
  const components = componentsOf(shipped, { versions: nodeVersions(), integrityOf: lockedIntegrities() })
  const materials: Materials = { version, epoch, components }
  const bill = `${target}/joinery_${debianVersion(version)}`
  writeFileSync(`${bill}.cdx.json`, `${JSON.stringify(cycloneDx(materials), undefined, 1)}\n`)
  writeFileSync(`${bill}.spdx.json`, `${JSON.stringify(spdx(materials), undefined, 1)}\n`)
}

/** A package of Debian, as a bill of materials asks for it. */
export const shippedPackage = ({ control, packages, node }: JoineryPackage): Shipped => {
  const architecture = architectures.find(({ debian }) => debian === control.Architecture)
  if (architecture === undefined) throw new Error(`no processor is called ${control.Architecture}`)
  return {
    purl: `pkg:deb/joinery/${control.Package}@${control.Version}?arch=${control.Architecture}`,
    name: control.Package,
    version: control.Version,
    packages,
    runtime: { ...node, debian: architecture.debian }
  }
}

/** Asked of the Node that is shipped, the one for this machine: for every processor it is one release. */
const nodeVersions = (): Record<string, string> => {
  const here = architectures.find(({ node }) => node === process.arch)
  if (here === undefined) throw new Error(`no Node is shipped for ${process.arch}`)
  const print = ['--print', 'JSON.stringify(process.versions)']
  return JSON.parse(execFileSync(`${npmNode(here)}/bin/node`, print, { encoding: 'utf8' }))
}
