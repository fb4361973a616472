import { readSums } from '@joinery/cli/testing/release'
import t from 'tap'
import type { BundledPackage } from '../../packaging/dependencies/bundled-packages.ts'
import type { Materials } from '../../packaging/evidence/component.ts'
import { cycloneDx } from '../../packaging/evidence/cyclonedx.ts'
import { componentsOf, type Shipped } from '../../packaging/evidence/materials.ts'
import { programSums } from '../../packaging/evidence/programs.ts'
import { provenanceOf } from '../../packaging/evidence/provenance.ts'
import { spdx } from '../../packaging/evidence/spdx.ts'
import { sha256, sumsText } from '../../packaging/evidence/sums.ts'
import { differences } from '../../packaging/release/differences.ts'

const ws: BundledPackage = { name: 'ws', version: '8.0.0', license: 'MIT', folder: 'node_modules/ws' }
const cel: BundledPackage = {
  name: '@s/cel',
  version: '1.0.0',
  license: '(MIT AND BSD-3-Clause)',
  folder: 'node_modules/@s/cel'
}
const shipped: Shipped[] = (['amd64', 'arm64'] as const).map((debian) => ({
  purl: `pkg:deb/joinery/joinery-agent@1.3.0?arch=${debian}`,
  name: 'joinery-agent',
  version: '1.3.0',
  packages: debian === 'amd64' ? [ws, cel] : [ws],
  runtime: { debian, sha256: sha256(debian), libatomic: 'libatomic1 12.2.0-14+deb12u1' }
}))
const components = componentsOf(shipped, {
  versions: { node: '24.0.0', modules: '137', openssl: '3.5.8', nghttp3: '' },
  integrityOf: (key) => `sha512-${Buffer.from(key).toString('base64')}`
})
const materials: Materials = { version: '1.3.0', epoch: 1_800_000_000, components }
const cdx = cycloneDx(materials) as {
  metadata: object
  components: { 'bom-ref': string; [other: string]: unknown }[]
  dependencies: { ref: string; dependsOn: string[] }[]
}
const bill = spdx(materials) as {
  packages: { SPDXID: string; name: string; [other: string]: unknown }[]
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[]
}

t.test('a bill of materials has each part once, whichever packages hold it', async (t) => {
  t.same(
    components.map(({ purl }) => purl),
    [
      'pkg:deb/debian/libatomic1@12.2.0-14%2Bdeb12u1?arch=amd64',
      'pkg:deb/debian/libatomic1@12.2.0-14%2Bdeb12u1?arch=arm64',
      'pkg:deb/joinery/joinery-agent@1.3.0?arch=amd64',
      'pkg:deb/joinery/joinery-agent@1.3.0?arch=arm64',
      'pkg:generic/node@24.0.0?arch=amd64',
      'pkg:generic/node@24.0.0?arch=arm64',
      'pkg:generic/openssl@3.5.8',
      'pkg:npm/%40s/cel@1.0.0',
      'pkg:npm/ws@8.0.0'
    ]
  )
})

t.test('a bill in CycloneDX says what each package depends on', async (t) => {
  t.match(cdx, { bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { timestamp: '2027-01-15T08:00:00.000Z' } })
  const dependsOn = (ref: string) => cdx.dependencies.find((one) => one.ref === ref)?.dependsOn
  t.same(
    dependsOn('pkg:generic/joinery@1.3.0'),
    shipped.map(({ purl }) => purl)
  )
  t.same(dependsOn('pkg:deb/joinery/joinery-agent@1.3.0?arch=arm64'), [
    'pkg:npm/ws@8.0.0',
    'pkg:generic/node@24.0.0?arch=arm64',
    'pkg:deb/debian/libatomic1@12.2.0-14%2Bdeb12u1?arch=arm64'
  ])
  t.same(dependsOn('pkg:generic/node@24.0.0?arch=arm64'), ['pkg:generic/openssl@3.5.8'])
  const refs = new Set(['pkg:generic/joinery@1.3.0', ...cdx.components.map((one) => one['bom-ref'])])
  t.same(
    cdx.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !refs.has(ref)),
    [],
    'no part is named that is not there'
  )
  t.match(
    cdx.components.find(({ name }) => name === '@s/cel'),
    {
      type: 'library',
      licenses: [{ expression: 'MIT AND BSD-3-Clause' }],
      hashes: [{ alg: 'SHA-512', content: Buffer.from('@s/cel@1.0.0').toString('hex') }]
    }
  )
  t.match(
    cdx.components.find((one) => one['bom-ref'] === 'pkg:generic/node@24.0.0?arch=arm64'),
    {
      type: 'platform',
      hashes: [{ alg: 'SHA-256', content: sha256('arm64') }],
      cpe: /^cpe:2\.3:a:nodejs:node\.js:24\.0\.0:/
    }
  )
})

t.test('a bill in SPDX has the same parts', async (t) => {
  t.match(bill, { spdxVersion: 'SPDX-2.3', creationInfo: { created: '2027-01-15T08:00:00Z' } })
  t.equal(bill.packages.length, components.length + 1)
  const ids = new Set(['SPDXRef-DOCUMENT', ...bill.packages.map(({ SPDXID }) => SPDXID)])
  t.equal(ids.size, bill.packages.length + 1, 'each has an id of its own')
  for (const id of ids) t.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/)
  const ends = bill.relationships.flatMap((one) => [one.spdxElementId, one.relatedSpdxElement])
  t.same(
    ends.filter((id) => !ids.has(id)),
    []
  )
  const edges = cdx.dependencies.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0)
  t.equal(bill.relationships.length, edges + 1)
})

t.test('the same materials give the same bills, and others another document', async (t) => {
  t.same(spdx(materials), bill)
  const other = spdx({ ...materials, components: components.slice(1) }) as { documentNamespace: string }
  t.not(other.documentNamespace, (spdx(materials) as { documentNamespace: string }).documentNamespace)
})

t.test('program files are named by package and processor, and nothing else of a package is', async (t) => {
  const file = (path: string) => ({ path, mode: 0o644, content: path })
  const control = { Package: 'joinery-agent', Version: '1.3.0', Architecture: 'arm64' }
  const paths = [
    '/usr/lib/joinery-agent/node',
    '/usr/lib/joinery-agent/joinery-agent.mjs',
    '/usr/lib/systemd/system/a',
    '/usr/bin/a'
  ]
  const sums = programSums({ control, scripts: {}, files: paths.map(file), links: {}, folders: [] })
  t.equal(
    sumsText(sums),
    `${sha256('/usr/lib/joinery-agent/joinery-agent.mjs')}  joinery-agent/arm64/usr/lib/joinery-agent/joinery-agent.mjs\n` +
      `${sha256('/usr/lib/joinery-agent/node')}  joinery-agent/arm64/usr/lib/joinery-agent/node\n`
  )
})

t.test('sums are written sorted by their bytes, and the command reads them', async (t) => {
  const sums = ['b', 'B', 'a_1~rc.1', 'a_1'].map((name) => ({ name, sha256: sha256(name) }))
  t.same(
    [...(readSums(sumsText(sums)) ?? [])],
    ['B', 'a_1', 'a_1~rc.1', 'b'].map((name) => [name, sha256(name)])
  )
})

t.test('two builds differ in each file that is another, and in each that one lacks', async (t) => {
  const sums = (files: Record<string, string>) => Object.entries(files).map(([name, sha256]) => ({ name, sha256 }))
  t.same(differences(sums({ a: '1', b: '2' }), sums({ b: '2', a: '1' })), [])
  t.same(differences(sums({ a: '1', b: '2', c: '3' }), sums({ a: '1', b: '4', d: '5' })), [
    'b is 2, and 4 elsewhere',
    'c is in one alone',
    'd is in one alone'
  ])
})

t.test('provenance names the commit, what was made of it, and the tools that decide the bytes', async (t) => {
  const digest = sha256('')
  t.match(
    provenanceOf({
      version: '1.3.0',
      commit: 'abc',
      epoch: 1_800_000_000,
      files: [{ name: 'joinery_1.3.0_amd64.deb', sha256: digest }],
      locks: [{ name: 'pnpm-lock.yaml', sha256: digest }],
      node: { release: '24.0.0', sha256: { amd64: digest } },
      tools: ['libatomic1 12.2.0-14+deb12u1 amd64']
    }),
    {
      subject: [{ name: 'joinery_1.3.0_amd64.deb', digest: { sha256: digest } }],
      predicate: {
        buildDefinition: {
          externalParameters: { version: '1.3.0', source: { digest: { gitCommit: 'abc' } } },
          resolvedDependencies: [
            { name: 'source', digest: { gitCommit: 'abc' } },
            { name: 'pnpm-lock.yaml', digest: { sha256: digest } },
            { uri: 'pkg:generic/node@24.0.0?arch=amd64', digest: { sha256: digest } },
            { uri: 'pkg:deb/debian/libatomic1@12.2.0-14%2Bdeb12u1?arch=amd64' }
          ]
        }
      }
    }
  )
})
