import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { architectures } from '../../packaging/architecture.ts'
import { agreedNode, type Publisher } from '../../packaging/node/agreed-node.ts'
import binaries from '../../packaging/node/node-binaries.json' with { type: 'json' }
import { pinnedLibatomic } from '../../packaging/node/pinned-libatomic.ts'
import { checkPinnedNode } from '../../packaging/node/pinned-node.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

t.test('the installed release of Node is the pinned one, for each processor', async (t) => {
  for (const { node, debian } of architectures) {
    t.equal(packageJson.optionalDependencies[`node-linux-${node}`], binaries.release, node)
    t.match(binaries.sha256[debian], /^[0-9a-f]{64}$/, node)
  }
})

t.test('no package is made of another binary than the compared one', async (t) => {
  const here = architectures.find(({ node }) => node === process.arch) ?? architectures[0]
  if (here === undefined) throw new Error('no processor')
  const path = `${root}/node_modules/node-linux-${here.node}/bin/node`
  const bytes = readFileSync(path)
  checkPinnedNode(bytes, here, path)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  t.throws(() => checkPinnedNode(bytes, here, path), {
    message:
      /bin\/node has the SHA-256 [0-9a-f]{64}, and packaging\/node\/node-binaries\.json has [0-9a-f]{64} for .*no package is made of it$/
  })
})

t.test('no package is made of a libatomic that nobody pinned', async (t) => {
  for (const { gnu, debian } of architectures) {
    const paths = [`/usr/lib/${gnu}/libatomic.so.1`, `/usr/${gnu}/lib/libatomic.so.1`]
    const path = paths.find((path) => existsSync(path)) ?? ''
    await t.test(debian, { skip: path === '' && `no libatomic for ${debian}` }, async (t) => {
      const bytes = readFileSync(path)
      t.match(pinnedLibatomic(bytes, { debian }, path), /^libatomic1\S* 1\d\.\S+$/)
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      t.throws(() => pinnedLibatomic(bytes, { debian }, path), {
        message: /libatomic\.json has not for .*: install libatomic1 .* or libatomic1-.*-cross .*, or pin/
      })
    })
  }
})

t.test('a binary of two publishers is pinned only if it is the same for every processor', async (t) => {
  const [one, same]: Publisher[] = [
    { amd64: 'a', arm64: 'b' },
    { amd64: 'a', arm64: 'b' }
  ] as [Publisher, Publisher]
  t.same(agreedNode(one as Publisher, same as Publisher), { sha256: one })
  t.same(agreedNode(one as Publisher, { amd64: 'a', arm64: 'c' }), { differ: ['arm64'] })
  t.same(agreedNode(one as Publisher, { amd64: 'c', arm64: 'a' }), { differ: ['amd64', 'arm64'] })
})

const skip = needs('gpg')

/** What releasers publish of a release, in small: two archives, and their sums, signed by a key that is in the keyring. */
const published = (t: Test) => {
  // the path of gpg-agent's socket must be short
  const home = mkdtempSync(`${tmpdir()}/gpg-`)
  const environment = { ...process.env, GNUPGHOME: home }
  t.teardown(() => {
    spawnSync('gpgconf', ['--kill', 'all'], { env: environment })
    rmSync(home, { recursive: true, force: true })
  })
  const folder = t.testdir({ packaging: { node: {} }, release: {} })
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
      env: environment,
      stdio: 'pipe'
    })
  gpg('--quick-generate-key', 'releaser@example.org', 'ed25519', 'sign', 'never')
  const pins: Record<string, string> = {}
  const sums = architectures.map(({ node, debian }) => {
    const name = `node-v24.0.0-linux-${node}`
    mkdirSync(`${folder}/${name}/bin`, { recursive: true })
    writeFileSync(`${folder}/${name}/bin/node`, `node for ${node}`)
    pins[debian] = sha256(`node for ${node}`)
    execFileSync('tar', ['-cJf', `${folder}/release/${name}.tar.xz`, '-C', folder, name])
    return `${sha256(readFileSync(`${folder}/release/${name}.tar.xz`))}  ${name}.tar.xz\n`
  })
  const sign = (text: string) => {
    writeFileSync(`${folder}/sums`, text)
    gpg('--yes', '--output', `${folder}/release/SHASUMS256.txt.asc`, '--clearsign', `${folder}/sums`)
  }
  sign(sums.join(''))
  copyFileSync(`${root}/packaging/node/pin-node.sh`, `${folder}/packaging/node/pin-node.sh`)
  const pin = (of: Record<string, string>) =>
    writeFileSync(`${folder}/packaging/node/node-binaries.json`, JSON.stringify({ release: '24.0.0', sha256: of }))
  pin(pins)
  const run = () =>
    spawnSync('sh', [`${folder}/packaging/node/pin-node.sh`, `${folder}/release`], {
      env: environment,
      encoding: 'utf8'
    })
  return { folder, pins, pin, sign, sums, run }
}

t.test('pin-node.sh compares the pins with the signed sums', { skip }, async (t) => {
  const { folder, pins, pin, sign, sums, run } = published(t)
  t.match(run(), { status: 0, stdout: /^amd64: .*is what was signed and what is pinned\narm64: .*\n$/ })

  pin({ ...pins, arm64: sha256('another') })
  t.match(run(), { status: 1, stderr: /bin\/node for arm64 is [0-9a-f]{64}, and .* has another/ })
  pin(pins)

  const archive = `${folder}/release/node-v24.0.0-linux-x64.tar.xz`
  const good = readFileSync(archive)
  writeFileSync(archive, 'changed')
  t.match(run(), { status: 1, stderr: /linux-x64\.tar\.xz is not what was signed/ })
  writeFileSync(archive, good)

  sign(sums[1] ?? '')
  t.match(run(), { status: 1, stderr: /the signed sums have no node-v24\.0\.0-linux-x64/ })
  sign(sums.join(''))

  const signed = `${folder}/release/SHASUMS256.txt.asc`
  writeFileSync(signed, readFileSync(signed, 'utf8').replace(/^[0-9a-f]{64}/m, sha256('another')))
  t.match(run(), { status: 1, stderr: /no good signature/ })
})
