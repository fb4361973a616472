import type { Architecture } from '../architecture.ts'
import type { BundledPackage } from '../dependencies/bundled-packages.ts'
import type { NodeRuntime } from '../node/node-runtime.ts'
import type { Component } from './component.ts'

/** A package of ours that is shipped. */
export interface Shipped {
  /** As pkg:deb/joinery/joinery-agent@1.2.3?arch=amd64. */
  purl: string
  name: string
  version: string
  packages: readonly BundledPackage[]
  /** Undefined if it runs on the user's own Node. */
  runtime?: Pick<NodeRuntime, 'sha256' | 'libatomic'> & Pick<Architecture, 'debian'>
}

/** What is known of the parts. */
export interface Known {
  /** `process.versions` of the Node that is shipped. */
  versions: Readonly<Record<string, string | undefined>>
  /** The integrity of an npm package in the lock file, as sha512-... in base64. */
  integrityOf: (nameAndVersion: string) => string
}

/** Packages of ours, and all that they hold: each once, however many hold it. */
export const componentsOf = (shipped: readonly Shipped[], { versions, integrityOf }: Known): Component[] => {
  const inside = insideNode(versions)
  const all = shipped.flatMap(({ purl, name, version, packages, runtime }): Component[] => {
    const modules = packages.map((one) => npmComponent(one, integrityOf))
    const parts = runtime === undefined ? [] : [...runtimeComponents(runtime, versions.node ?? '', inside), ...inside]
    const holds = [...modules, ...parts.filter((part) => !inside.includes(part))].map((part) => part.purl)
    return [{ purl, kind: 'application', name, version, licence: 'Apache-2.0', holds }, ...modules, ...parts]
  })
  return [...new Map(all.map((component) => [component.purl, component])).values()].sort((one, other) =>
    one.purl < other.purl ? -1 : 1
  )
}

const npmComponent = ({ name, version, license }: BundledPackage, integrityOf: Known['integrityOf']): Component => ({
  purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  kind: 'library',
  name,
  version,
  licence: license.replace(/^\((.*)\)$/, '$1'),
  digest: {
    algorithm: 'SHA-512',
    hex: Buffer.from(integrityOf(`${name}@${version}`).replace(/^sha512-/, ''), 'base64').toString('hex')
  },
  holds: []
})

const runtimeComponents = (
  { debian, sha256, libatomic }: NonNullable<Shipped['runtime']>,
  version: string,
  inside: readonly Component[]
): Component[] => {
  const [atomicName = '', atomicVersion = ''] = libatomic.split(' ')
  return [
    {
      purl: `pkg:generic/node@${version}?arch=${debian}`,
      kind: 'platform',
      name: 'node',
      version,
      licence: 'MIT',
      cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
      // as its publishers ship it, before it is stripped
      digest: { algorithm: 'SHA-256', hex: sha256 },
      holds: inside.map(({ purl }) => purl)
    },
    {
      purl: `pkg:deb/debian/${atomicName}@${encodeURIComponent(atomicVersion)}?arch=${debian}`,
      kind: 'library',
      name: atomicName,
      version: atomicVersion,
      licence: 'GPL-3.0-or-later WITH GCC-exception-3.1',
      holds: []
    }
  ]
}

/** What Node says that it is made of. Its own name and versions of interfaces and of data are no libraries. */
const insideNode = (versions: Known['versions']): Component[] =>
  Object.entries(versions).flatMap(([name, version = '']) =>
    version === '' || ['cldr', 'modules', 'napi', 'node', 'tz', 'unicode'].includes(name)
      ? []
      : [{ purl: `pkg:generic/${name}@${encodeURIComponent(version)}`, kind: 'library', name, version, holds: [] }]
  )
