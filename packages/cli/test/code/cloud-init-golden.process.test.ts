import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cloudInitSchema } from '@joinery/testing/command/cloud-init-schema'
import { newCode } from '@joinery/testing/command/fixtures'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { cloudInit, hasPackage, type UserDataOptions } from '../../src/code/cloud-init.ts'
import { parseKubernetesVersion } from '../../src/code/install-kubernetes.ts'

// the packages come over the network
t.setTimeout(120_000)

const kubernetes = {
  version: parseKubernetesVersion('1.37'),
  repository: 'https://mirror.example.org/kubernetes/1.37',
  containerdPackage: 'containerd'
}
const variants: Record<string, UserDataOptions> = {
  bare: {},
  'install-kubernetes': { kubernetes },
  credential: { credential: true },
  'block-metadata': { blockMetadata: true },
  everything: {
    kubernetes: {
      ...kubernetes,
      version: parseKubernetesVersion('v1.37.2'),
      key: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEYg==\n-----END PGP PUBLIC KEY BLOCK-----\n',
      containerdPackage: 'containerd.io',
      aptSources: 'Types: deb\nURIs: https://mirror.example.org/containerd\nSuites: stable\nComponents: main\n'
    },
    credential: true,
    blockMetadata: true
  }
}
const userData = (options: UserDataOptions, code = newCode): string =>
  hasPackage(code) ? cloudInit(code, options) : 'no package'

for (const [name, options] of Object.entries(variants)) {
  t.test(`the user-data ${name} is the same as its golden file`, async (t) => {
    const golden = join(import.meta.dirname, `golden/${name}.yaml`)
    // to be looked at as a diff
    if (process.env.JOINERY_WRITE_GOLDEN) writeFileSync(golden, userData(options))
    t.equal(userData(options), readFileSync(golden, 'utf8'), 'else run this test with JOINERY_WRITE_GOLDEN=1')
  })
}

const schema = cloudInitSchema(t)
const skip = needs('cloud-init', () => schema !== undefined) || needs('python3')
t.test('cloud-init finds no mistake in any variant of user-data', { skip }, async (t) => {
  const all = { ...variants, gzip: { ...variants.everything, gzip: true } }
  const good = Object.values(all).map((options) => userData(options))
  const found = schema?.([...good, '#cloud-config\nruncmd: 3\n'])
  for (const [index, name] of Object.keys(all).entries()) t.equal(found?.[index], '', name)
  t.match(found?.at(-1), 'runcmd: 3 is not', 'it would')
})

t.test('each variant fits into the smallest user-data that a cloud takes', async (t) => {
  // as large as a CA of `joinery-server init` is
  const certificateAuthority = `-----BEGIN CERTIFICATE-----\n${'M'.repeat(800)}\n-----END CERTIFICATE-----\n`
  const code = { ...newCode, install: { ...newCode.install, certificateAuthority } }
  for (const [name, options] of Object.entries(variants)) {
    t.ok(Buffer.byteLength(userData(options, code)) < 16 * 1024, name)
  }
})

t.test('only user-data with a credential is without the code', async (t) => {
  for (const [name, options] of Object.entries(variants)) {
    t.equal(userData(options).includes(newCode.code), options.credential !== true, name)
  }
})
