import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { aptRepository } from '../../packaging/apt/apt-repository.ts'
import { aptSources } from '../../packaging/apt/apt-sources.ts'
import { buildDeb } from '../../packaging/debian/deb.ts'
import { openKeys, scratch } from './gpg-keys.ts'

const skip = needs('apt-ftparchive') || needs('gpg')
const date = new Date('2026-01-01T12:00:00Z')
process.env.SOURCE_DATE_EPOCH ??= '1700000000'

/** A small package, installed by nothing but its files. */
const debOf = (folder: string, version: string, architecture: string): Promise<string> =>
  buildDeb(
    folder,
    {
      control: {
        Package: 'joinery',
        Version: version,
        Architecture: architecture,
        Maintainer: 'Nobody <nobody@joinery.invalid>',
        Description: 'test'
      },
      scripts: {},
      files: [{ path: '/usr/share/joinery/version', mode: 0o644, content: version.padEnd(4096) }],
      links: {},
      folders: []
    },
    12
  )

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

/** A machine that knows this repository alone, with an apt and a dpkg of the host, and nothing installed. */
const openMachine = (t: Test, sources: string) => {
  const root = scratch(t)
  const folders = [
    'etc/apt/apt.conf.d',
    'etc/apt/sources.list.d',
    'etc/apt/preferences.d',
    'var/lib/dpkg/updates',
    'var/lib/dpkg/info'
  ]
  const ofApt = ['var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/log/apt']
  for (const folder of [...folders, ...ofApt]) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'var/lib/dpkg/status'), '')
  writeFileSync(join(root, 'etc/apt/sources.list.d/joinery.sources'), sources)
  const dpkg = [`--root=${root}`, '--force-not-root', '--force-bad-path', `--log=${root}/var/log/dpkg.log`]
  const settings = [
    ['Dir', root],
    ['Dir::State::status', `${root}/var/lib/dpkg/status`],
    ['Dir::Bin::dpkg', '/usr/bin/dpkg'],
    ['APT::Architecture', architecture],
    ['APT::Architectures::', architecture],
    // as the user who runs the test
    ['APT::Sandbox::User', ''],
    ...dpkg.map((option) => ['DPkg::Options::', option])
  ]
  // read before the host's own settings, and so in their place
  writeFileSync(join(root, 'apt.conf'), settings.map(([name, value]) => `${name} "${value}";\n`).join(''))
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', APT_CONFIG: join(root, 'apt.conf') }
  const apt = (...[program = '', ...words]: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', env })
    return { status, said: `${stdout}${stderr}` }
  }
  const installed = join(root, 'usr/share/joinery/version')
  return {
    update: () => apt('apt-get', 'update'),
    install: (version: string) => apt('apt-get', '--yes', 'install', `joinery=${version}`),
    versions: () => apt('apt-cache', 'madison', 'joinery').said,
    installed: () => (existsSync(installed) ? readFileSync(installed, 'utf8').trim() : undefined)
  }
}

/** A repository with a version for both processors, signed. */
const openRepository = async (t: Test) => {
  const [folder, built, keys] = [scratch(t), scratch(t), openKeys(t)]
  const key = keys.make('release')
  const add = async (version: string, suite = '0.2'): Promise<string> => {
    const debs = await Promise.all(['amd64', 'arm64'].map((architecture) => debOf(built, version, architecture)))
    const release = aptRepository({ debs, suite, folder, date })
    keys.sign(release, 'release')
    return release
  }
  const release = await add('0.2.0')
  return {
    folder,
    keys,
    release,
    add,
    sources: (by = key) => aptSources({ url: `file://${folder}`, suite: '0.2', key: by })
  }
}

t.test(
  'apt installs from the repository, old versions stay, and nobody gets the next minor one',
  { skip },
  async (t) => {
    const { add, sources } = await openRepository(t)
    const machine = openMachine(t, sources())
    t.match(machine.update(), { status: 0 })
    const first = machine.install('0.2.0')
    t.equal(first.status, 0, first.said)
    t.equal(machine.installed(), '0.2.0')
    await add('0.2.1')
    await add('0.3.0', '0.3')
    t.match(machine.update(), { status: 0 })
    t.match(machine.versions(), /0\.2\.1.*\n.*0\.2\.0/)
    t.notMatch(machine.versions(), /0\.3\.0/)
    t.match(machine.install('0.2.1'), { status: 0 })
    t.equal(machine.installed(), '0.2.1')
  }
)

t.test('the same packages give the same repository, but for the signatures', { skip }, async (t) => {
  const [built, ...folders] = [scratch(t), scratch(t), scratch(t)]
  const [one, other] = [await debOf(built, '0.2.0', 'amd64'), await debOf(built, '0.2.1', 'amd64')]
  const texts = folders.map((folder, index) => {
    const release = aptRepository({ debs: index === 0 ? [one, other] : [other, one], suite: '0.2', folder, date })
    return readFileSync(release, 'utf8')
  })
  t.equal(texts[0], texts[1])
  t.match(texts[0], /^Date: Thu, 01 Jan 2026 12:00:00 GMT$/m)
})

t.test('a package that was released once does not change', { skip }, async (t) => {
  const [built, folder] = [scratch(t), scratch(t)]
  const deb = await debOf(built, '0.2.0', 'amd64')
  const add = () => aptRepository({ debs: [deb], suite: '0.2', folder, date })
  t.equal(readFileSync(add(), 'utf8'), readFileSync(add(), 'utf8'), 'a release that was cut can be made again')
  writeFileSync(deb, 'another one')
  t.throws(add, /joinery_0\.2\.0_amd64\.deb is another package/)
})

const refusals: [
  name: string,
  spoil: (repository: Awaited<ReturnType<typeof openRepository>>) => string | undefined,
  says: RegExp
][] = [
  [
    'a changed index',
    ({ folder }) => {
      const changed = (bytes: Buffer): string => bytes.toString().replaceAll('0.2.0', '0.2.9')
      for (const file of globSync(`${folder}/dists/0.2/main/binary-*/{Packages*,by-hash/SHA256/*}`)) {
        const bytes = readFileSync(file)
        // gzip begins so
        const isPacked = bytes.readUInt16BE() === 0x1f8b
        writeFileSync(file, isPacked ? gzipSync(changed(gunzipSync(bytes)), { level: 9 }) : changed(bytes))
      }
      return undefined
    },
    /unexpected size|Hash Sum mismatch/
  ],
  [
    'a repository that another key signed',
    ({ keys, release }) => {
      keys.make('other')
      keys.sign(release, 'other')
      return undefined
    },
    /NO_PUBKEY/
  ],
  [
    'a key that has expired',
    ({ keys, release }) => {
      const past = ['--faked-system-time', '20240101T000000']
      const key = keys.make('expired', ...past)
      keys.sign(release, 'expired', ...past)
      return key
    },
    /EXPKEYSIG/
  ],
  [
    'a repository without a signature',
    ({ folder }) => {
      rmSync(`${folder}/dists/0.2/InRelease`)
      return undefined
    },
    /is not signed/
  ]
]
for (const [name, spoil, says] of refusals) {
  t.test(`apt refuses ${name}`, { skip }, async (t) => {
    const repository = await openRepository(t)
    const key = spoil(repository)
    const machine = openMachine(t, repository.sources(key))
    const { status, said } = machine.update()
    t.not(status, 0)
    t.match(said, says)
    t.not(machine.install('0.2.0').status, 0)
    t.equal(machine.installed(), undefined)
  })
}

t.test('apt refuses a changed package', { skip }, async (t) => {
  const { folder, sources } = await openRepository(t)
  const [deb = ''] = globSync(`${folder}/pool/0.2/joinery_0.2.0_${architecture}.deb`)
  const bytes = readFileSync(deb)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9)
  writeFileSync(deb, bytes)
  const machine = openMachine(t, sources())
  t.match(machine.update(), { status: 0 })
  const { status, said } = machine.install('0.2.0')
  t.not(status, 0)
  t.match(said, /Hash Sum mismatch/)
  t.equal(machine.installed(), undefined)
})
