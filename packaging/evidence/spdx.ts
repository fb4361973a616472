import type { Component, Materials } from './component.ts'
import { sha256 } from './sums.ts'

/** A bill of materials as SPDX 2.3 has it, https://spdx.github.io/spdx-spec/v2.3. The same materials give the same text. */
export const spdx = (materials: Materials): object => {
  const { version, epoch, components } = materials
  const joinery: Component = {
    purl: `pkg:generic/joinery@${version}`,
    kind: 'application',
    name: 'joinery',
    version,
    licence: 'Apache-2.0',
    holds: components.filter(({ kind }) => kind === 'application').map(({ purl }) => purl)
  }
  const all = [joinery, ...components]
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `joinery-${version}`,
    // a document is known by it: another content is another document
    documentNamespace: `https://joinery.dev/spdx/${version}/${sha256(JSON.stringify(materials))}`,
    creationInfo: { created: instant(epoch), creators: ['Organization: The Joinery authors', 'Tool: joinery-package'] },
    packages: all.map(packageOf),
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: idOf(joinery.purl) },
      ...all.flatMap(({ purl, holds }) =>
        holds.map((held) => ({
          spdxElementId: idOf(purl),
          relationshipType: 'CONTAINS',
          relatedSpdxElement: idOf(held)
        }))
      )
    ]
  }
}

const packageOf = ({ purl, name, version, licence = 'NOASSERTION', cpe, digest }: Component): object => ({
  SPDXID: idOf(purl),
  name,
  versionInfo: version,
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  ...(digest && { checksums: [{ algorithm: digest.algorithm.replace('-', ''), checksumValue: digest.hex }] }),
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: licence,
  copyrightText: 'NOASSERTION',
  externalRefs: [
    { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
    ...(cpe === undefined ? [] : [{ referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator: cpe }])
  ]
})

/** An id may have letters, digits, dots and hyphens: what else a package URL has is told apart by its sum. */
const idOf = (purl: string): string =>
  `SPDXRef-${purl.replace(/[^\w.]+/g, '-').replaceAll('_', '-')}-${sha256(purl).slice(0, 8)}`

/** SPDX wants seconds, and no fractions of them. */
const instant = (epoch: number): string => new Date(epoch * 1000).toISOString().replace('.000', '')
