import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { readSums } from '@joinery/cli/testing/release'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { sha256 } from '../../packaging/evidence/sums.ts'

// keys are made, and Git and gpg start some hundred times
t.setTimeout(240_000)

const root = resolve(import.meta.dirname, '../..')
const skip = needs('gpg') || needs('ssh-keygen') || needs('apt-ftparchive')
const files = [
  'packaging/apt',
  'packaging/architecture.ts',
  'packaging/release',
  'packaging/tool.ts',
  'packaging/evidence',
  'packaging/node',
  'test/ci/flakes.ts',
  'test/flakes.md'
]
const changelog = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A.\n\n## [1.2.3] - 2026-11-26\n\n- B.\n'

/** What stands in for npx: it writes down what it is asked, fails at what it is told to, and makes the files of a build. */
const npx = `#!/bin/sh
echo "$3" >> "$ASKED"
test "$3" != "$FAILS" || exit 1
test "$3" = package || exit 0
mkdir -p dist
echo programs > dist/PROGRAMS
tree=$(mktemp -d)
mkdir "$tree/DEBIAN"
printf 'Package: joinery\\nVersion: 1.3.0\\nArchitecture: amd64\\nMaintainer: a\\nDescription: a\\n' > "$tree/DEBIAN/control"
dpkg-deb --build "$tree" dist/joinery_1.3.0_amd64.deb
rm -r "$tree"
`

/** Somebody with a key of ssh and a key of gpg. */
interface Signer {
  ssh: string
  apt: string
  home: string
}

/** A repository with the command in it, and public keys of a signer. `clock`: what gpg takes for the time where the keys are. */
const openProject = (t: Test, { clock = '' } = {}) => {
  // the path of a socket of gpg must be short
  const folder = mkdtempSync(`${tmpdir()}/release-`)
  const project = join(folder, 'project')
  const env: NodeJS.ProcessEnv = {
    PATH: `${folder}/bin:${process.env.PATH}`,
    HOME: folder,
    ASKED: join(folder, 'asked')
  }
  for (const who of ['AUTHOR', 'COMMITTER'])
    Object.assign(env, { [`GIT_${who}_NAME`]: 'A', [`GIT_${who}_EMAIL`]: 'a@example.org' })
  const signers: Signer[] = []
  t.teardown(() => {
    for (const { home } of signers) spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'])
    rmSync(folder, { recursive: true, force: true })
  })
  const run = (program: string, words: string[], given = {}) =>
    execFileSync(program, words, { cwd: project, env, encoding: 'utf8', stdio: 'pipe', ...given })
  const git = (...words: string[]): string => run('git', words).trim()
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), text)
  }
  const commit = (subject: string) => {
    git('add', '--all')
    git('commit', '--quiet', '--message', subject)
  }

  const makeSigner = (name: string): Signer => {
    const home = join(folder, name)
    mkdirSync(home, { mode: 0o700 })
    if (clock !== '') writeFileSync(join(home, 'gpg.conf'), `faked-system-time ${clock}\n`)
    const signer = { home, ssh: join(home, 'key'), apt: `${name}@example.org` }
    signers.push(signer)
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', signer.ssh], { cwd: home })
    const words = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', '--quick-generate-key']
    run('gpg', ['--homedir', home, ...words, signer.apt, 'ed25519', 'sign', '1y'], { cwd: home })
    return signer
  }

  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/npx'), npx, { mode: 0o755 })
  chmodSync(join(folder, 'bin/npx'), 0o755)
  for (const file of files) cpSync(join(root, file), join(project, file), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
  const json = '{\n  "type": "module",\n  "version": "1.2.3",\n  "packageManager": "pnpm@1.0.0"\n}\n'
  for (const file of ['package.json', 'packages/a/package.json']) write(file, json)
  write('.gitignore', 'node_modules\ndist\n')
  write('pnpm-lock.yaml', 'packages: {}\n')
  write('CHANGELOG.md', changelog)
  const maintainer = makeSigner('maintainer')
  const [type, key] = readFileSync(`${maintainer.ssh}.pub`, 'utf8').split(' ')
  write(
    'packaging/release/keys/allowed_signers',
    `releases@example.org namespaces="git,joinery-release" ${type} ${key}\n`
  )
  write(
    'packaging/release/keys/apt.asc',
    run('gpg', ['--homedir', maintainer.home, '--armor', '--export', maintainer.apt])
  )
  git('init', '--quiet')
  commit('First')

  /** Runs the command, which may fail at a script of package.json. */
  const release = (words: string[], fails = '') => {
    rmSync(join(folder, 'asked'), { force: true })
    writeFileSync(join(folder, 'asked'), '')
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(project, 'packaging/release/main.ts'), ...words],
      {
        cwd: project,
        env: { ...env, FAILS: fails },
        encoding: 'utf8'
      }
    )
    return { status, stdout, stderr, asked: readFileSync(join(folder, 'asked'), 'utf8').trim() }
  }
  /** Carries what is to be signed to a signer, who runs the commands that were printed there, and brings it back. */
  const sign = (printed: string, { ssh, apt, home }: Signer): string => {
    const away = join(home, 'to-sign')
    rmSync(away, { recursive: true, force: true })
    cpSync(join(project, 'dist/to-sign'), away, { recursive: true })
    const commands = /^# your keys[\s\S]*?(?=\n\n)/m.exec(printed)?.[0] ?? ''
    const own = commands.replace(/^KEY=.*/m, `KEY=${ssh}`).replace(/^APT_KEY=.*/m, `APT_KEY=${apt}`)
    run('sh', ['-eu', '-c', own], { cwd: away, env: { ...env, GNUPGHOME: home } })
    return away
  }
  /** Types a command where the keys of a signer are. */
  const typeAway = (line: string, { home }: Signer) =>
    run('sh', ['-euc', line], { cwd: home, env: { ...env, GNUPGHOME: home } })
  return { project, git, write, commit, run, release, sign, typeAway, makeSigner, maintainer }
}

t.test('a release is built, signed elsewhere, and finished', { skip }, async (t) => {
  const { project, git, write, commit, release, sign, maintainer } = openProject(t)
  const made = release(['1.3.0'])
  t.equal(made.status, 0, made.stderr)
  t.equal(made.asked, 'check\npackage')
  t.equal(git('status', '--porcelain'), '')
  t.equal(git('log', '-1', '--format=%s'), 'Release 1.3.0')
  t.match(
    readFileSync(join(project, 'CHANGELOG.md'), 'utf8'),
    /^## \[Unreleased\]\n\n## \[1\.3\.0\] - \d{4}-\d\d-\d\d\n\n### Added/m
  )
  for (const file of ['package.json', 'packages/a/package.json']) {
    t.match(readFileSync(join(project, file), 'utf8'), '"version": "1.3.0"', file)
  }
  t.equal(git('tag', '--list'), '', 'no tag without a signature')

  const dist = join(project, 'dist')
  const sums = readFileSync(join(dist, 'SHA256SUMS'), 'utf8')
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: dist })
  t.same(
    [...(readSums(sums)?.keys() ?? [])],
    ['PROGRAMS', 'joinery.sources', 'joinery_1.3.0.intoto.json', 'joinery_1.3.0_amd64.deb']
  )
  const provenance = JSON.parse(readFileSync(join(dist, 'joinery_1.3.0.intoto.json'), 'utf8'))
  t.match(provenance, {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    subject: [
      { name: 'PROGRAMS', digest: { sha256: sha256('programs\n') } },
      { name: 'joinery.sources' },
      { name: 'joinery_1.3.0_amd64.deb' }
    ],
    predicate: {
      buildDefinition: { externalParameters: { source: { digest: { gitCommit: git('rev-parse', 'HEAD') } } } }
    }
  })

  const signed = sign(made.stdout, maintainer)
  const finished = release(['1.3.0', '--finish', signed])
  t.match(finished, { status: 0, stderr: '', stdout: /git push --atomic origin HEAD v1\.3\.0/ })
  t.equal(git('rev-parse', 'v1.3.0^{}'), git('rev-parse', 'HEAD'), 'what was built is what is tagged')
  for (const file of ['SHA256SUMS.sig', 'apt/dists/1.3/InRelease', 'apt/dists/1.3/Release.gpg']) {
    t.ok(existsSync(join(dist, file)), file)
  }
  t.match(release(['1.3.0', '--finish', signed]), { status: 0, stderr: '' }, 'again, as after a kill')
  t.match(release(['1.3.0']), { status: 1, stderr: /there is a tag v1\.3\.0 already/ })

  cpSync(join(dist, 'apt'), join(project, '../published'), { recursive: true })
  write('CHANGELOG.md', changelog)
  commit('Go on')
  t.equal(release(['1.4.0', '--repository', '../published']).status, 0)
  t.same(readdirSync(join(dist, 'apt/dists')), ['1.3', '1.4'], 'what is published stays')
  t.ok(existsSync(join(dist, 'apt/dists/1.3/InRelease')), 'with its signature')
})

t.test('a release is not finished without each signature', { skip }, async (t) => {
  const { project, git, release, sign, makeSigner, maintainer } = openProject(t)
  const { stdout } = release(['1.3.0'])
  const good = sign(stdout, maintainer)
  const other = sign(stdout, makeSigner('other'))
  const finish = () => release(['1.3.0', '--finish', good])
  const signatures: [file: string, byOther: RegExp][] = [
    [
      'SHA256SUMS.sig',
      /SHA256SUMS\.sig is no signature of .*SHA256SUMS by a key of .*allowed_signers \(signature-wrong\)/
    ],
    ['v1.3.0.tag', /v1\.3\.0\.tag is not signed by a key of .*allowed_signers.* \(signature-wrong\)/],
    ['apt/dists/1.3/InRelease', /InRelease is not signed by the key of .*apt\.asc \(signature-wrong\)/],
    ['apt/dists/1.3/Release.gpg', /Release\.gpg is not signed by the key of .*apt\.asc \(signature-wrong\)/]
  ]
  for (const [file, byOther] of signatures) {
    const own = readFileSync(join(good, file))
    rmSync(join(good, file))
    t.match(
      finish(),
      {
        status: 1,
        stderr: new RegExp(
          `^not finished, and nothing changed:\nerror: .*${file} is not there \\(signature-missing\\)\nremedy: .*\n$`
        )
      },
      file
    )
    cpSync(join(other, file), join(good, file))
    t.match(finish(), { status: 1, stderr: byOther }, `${file} by another key`)
    writeFileSync(join(good, file), own)
  }

  const tag = readFileSync(join(good, 'v1.3.0.tag'), 'utf8')
  writeFileSync(join(good, 'v1.3.0.tag'), tag.slice(0, tag.indexOf('-----BEGIN')))
  t.match(finish(), { status: 1, stderr: /v1\.3\.0\.tag is not signed by ssh \(signature-wrong\)/ })
  writeFileSync(join(good, 'v1.3.0.tag'), tag)

  const changes: [name: string, file: string, says: RegExp][] = [
    ['a file', 'joinery_1.3.0_amd64.deb', /joinery_1\.3\.0_amd64\.deb is not what SHA256SUMS says \(file-changed\)/],
    ['the sums', 'SHA256SUMS', /SHA256SUMS\.sig is no signature of .*SHA256SUMS by a key/],
    ['the index of the repository', 'apt/dists/1.3/Release', /InRelease is not of .*1\.3\/Release/],
    ['the index of the repository', 'apt/dists/1.3/Release', /Release\.gpg is not signed by the key/]
  ]
  for (const [name, file, says] of changes) {
    const path = join(project, 'dist', file)
    const own = readFileSync(path)
    // sums that are changed are sums still
    writeFileSync(path, file === 'SHA256SUMS' ? own.subarray(own.indexOf('\n') + 1) : Buffer.concat([own, own]))
    t.match(finish(), { status: 1, stderr: says }, `${name} changed after it was signed`)
    writeFileSync(path, own)
  }
  writeFileSync(join(project, 'dist/added.deb'), '')
  t.match(finish(), { status: 1, stderr: /SHA256SUMS has no .*added\.deb \(file-unlisted\)/ })
  rmSync(join(project, 'dist/added.deb'))

  t.equal(git('tag', '--list'), '')
  t.notOk(existsSync(join(project, 'dist/SHA256SUMS.sig')), 'nothing was taken')
  t.match(finish(), { status: 0 }, 'all as it was')
})

t.test('a signature for another release, or another use, is none', { skip }, async (t) => {
  const { project, git, write, commit, release, sign, maintainer } = openProject(t)
  const first = sign(release(['1.3.0~rc.1']).stdout, maintainer)
  t.equal(release(['1.3.0~rc.1', '--finish', first]).status, 0)
  t.equal(git('tag', '--list'), 'v1.3.0-rc.1', 'Git and npm have the form of SemVer')
  t.match(
    readFileSync(join(project, 'CHANGELOG.md'), 'utf8'),
    changelog,
    'what a candidate has is still to be released'
  )

  const tagOfFirst = readFileSync(join(first, 'v1.3.0-rc.1.tag'))
  write('new.ts', '')
  commit('Go on')
  const second = sign(release(['1.3.0']).stdout, maintainer)
  writeFileSync(join(second, 'v1.3.0.tag'), tagOfFirst)
  const { status, stderr: said } = release(['1.3.0', '--finish', second])
  t.equal(status, 1)
  t.match(said, /v1\.3\.0\.tag is not the tag v1\.3\.0 of \w+ \(tag-wrong\)/)

  rmSync(join(second, 'SHA256SUMS.sig'))
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', maintainer.ssh, '-n', 'git', join(second, 'SHA256SUMS')], {
    stdio: 'pipe'
  })
  t.match(release(['1.3.0', '--finish', second]), { status: 1, stderr: /SHA256SUMS\.sig is no signature/ })
})

t.test('a key of apt that has expired finishes no release, and the remedy leads to one', { skip }, async (t) => {
  const { project, git, run, release, sign, typeAway, maintainer } = openProject(t, { clock: '20240101T000000' })
  const signed = sign(release(['1.3.0']).stdout, maintainer)
  const { status, stderr } = release(['1.3.0', '--finish', signed])
  t.equal(status, 1)
  const [by, refused] = ['is signed by the key of .*apt\\.asc, which has expired', '\\(key-expired\\)$']
  for (const file of ['InRelease', 'Release\\.gpg'])
    t.match(stderr, new RegExp(`^error: .*${file} ${by}.* ${refused}`, 'm'))
  t.equal(stderr.match(/^error: /gm)?.length, 2, 'nothing else is wrong')
  t.equal(git('tag', '--list'), '')

  const [, away = '', here = ''] =
    /^remedy: where the keys are: (.*); then here: (.*); then make the release again$/m.exec(stderr) ?? []
  rmSync(join(maintainer.home, 'gpg.conf'))
  typeAway(away, maintainer)
  cpSync(join(maintainer.home, 'apt.asc'), join(project, 'apt.asc'))
  run('sh', ['-euc', here])
  const again = sign(release(['1.3.0']).stdout, maintainer)
  t.match(release(['1.3.0', '--finish', again]), { status: 0, stderr: '' })
})

t.test('a release that was cut short goes on', { skip }, async (t) => {
  const { project, git, release } = openProject(t)
  t.match(release(['1.3.0'], 'check'), { status: 1, stderr: 'not released: pnpm check fails\n' })
  t.equal(git('log', '-1', '--format=%s'), 'First', 'a tree that fails its check is not released')
  t.not(release(['1.3.0'], 'package').status, 0)
  t.equal(git('log', '-1', '--format=%s'), 'Release 1.3.0')
  mkdirSync(join(project, 'dist/.cache'), { recursive: true })
  writeFileSync(join(project, 'dist/joinery_0.9.0_amd64.deb'), '')
  t.match(release(['1.3.0', '--finish', 'dist/to-sign']), {
    status: 1,
    stderr: / is not there \(release-missing\)\nremedy: make the release first: pnpm release '1\.3\.0'\n/
  })
  t.match(release(['1.3.0']), { status: 0 })
  t.equal(git('rev-list', '--count', 'HEAD'), '2', 'it is committed once')
  t.notOk(existsSync(join(project, 'dist/joinery_0.9.0_amd64.deb')), 'nothing of another build is released')
  t.ok(existsSync(join(project, 'dist/.cache')), 'what was fetched stays')
})

t.test('a release that is refused changes nothing', { skip }, async (t) => {
  const { write, git, release } = openProject(t)
  t.match(release(['1.2.3']), { status: 1, stderr: /^not released: 1\.2\.3 is not newer/, asked: '' })
  write('new.ts', '')
  t.match(release(['1.3.0']), { status: 1, stderr: /^not released: the working tree is not clean/, asked: '' })
  t.equal(git('status', '--porcelain'), '?? new.ts')
})
