import type { Component, Materials } from './component.ts'

/** A bill of materials as CycloneDX 1.6 has it, https://cyclonedx.org/docs/1.6/json. The same materials give the same text. */
export const cycloneDx = ({ version, epoch, components }: Materials): object => {
  const purl = `pkg:generic/joinery@${version}`
  const ours = components.filter(({ kind }) => kind === 'application')
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: {
        type: 'application',
        'bom-ref': purl,
        name: 'joinery',
        version,
        purl,
        licenses: [{ license: { id: 'Apache-2.0' } }]
      }
    },
    components: components.map(componentOf),
    dependencies: [
      { ref: purl, dependsOn: ours.map((one) => one.purl) },
      ...components.map((one) => ({ ref: one.purl, dependsOn: one.holds }))
    ]
  }
}

const componentOf = ({ purl, kind, name, version, licence, cpe, digest }: Component): object => ({
  type: kind,
  'bom-ref': purl,
  name,
  version,
  ...(digest && { hashes: [{ alg: digest.algorithm, content: digest.hex }] }),
  ...(licence !== undefined && {
    licenses: [/^[\w.+-]+$/.test(licence) ? { license: { id: licence } } : { expression: licence }]
  }),
  ...(cpe !== undefined && { cpe }),
  purl
})
