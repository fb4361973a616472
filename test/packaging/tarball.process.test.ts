import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { agentArchive, buildTarball } from '../../packaging/archive/tarball.ts'

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
process.env.SOURCE_DATE_EPOCH ??= '1700000000'
const skip = needs('libdeflate-gzip')
const lib = '/usr/lib/joinery-agent'
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

const other = architecture === 'arm64' ? 'amd64' : 'arm64'

const description = (release: string, processor: string = architecture, node = '#!/bin/sh\n') => {
  const unit = (name: string) => ({
    path: `/usr/lib/systemd/system/${name}`,
    mode: 0o644,
    content: `# ${release}\n`
  })
  return {
    control: { Package: 'joinery-agent', Version: release, Architecture: processor },
    scripts: {},
    files: [
      { path: `${lib}/node`, mode: 0o755, content: node },
      { path: `${lib}/joinery-agent.mjs`, mode: 0o644, content: release },
      { path: '/usr/bin/joinery-agent', mode: 0o755, content: '#!/bin/sh\n' },
      { path: '/usr/lib/tmpfiles.d/joinery-agent.conf', mode: 0o644, content: '' },
      { path: '/usr/share/lintian/overrides/joinery-agent', mode: 0o644, content: '' },
      ...['joinery-agent.service', 'joinery-agent-boot.service', 'joinery-join.service', 'joinery-recover.timer'].map(
        unit
      )
    ],
    links: {},
    folders: []
  }
}

interface Host {
  root: string
  archive(...given: Parameters<typeof description>): Promise<string>
  install(archive: string, ...words: string[]): { status: number | null; stdout: string; stderr: string }
  /** What systemctl was asked for. */
  asked(): string[]
}

/** A root folder, with a systemctl that only remembers, and the user that `id` gives. */
const openHost = (t: Test, { user = 0, withSystemd = true } = {}): Host => {
  const folder = t.testdir({ archives: {}, bin: {}, root: {}, unpacked: {} })
  const program = (name: string, text: string) => {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${text}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  program('id', `echo ${user}`)
  if (withSystemd) program('systemctl', `echo "$*" >> ${folder}/asked`)
  for (const name of ['cat', 'cp', 'dirname', 'mkdir', 'mv', 'rm', 'rmdir', 'uname']) {
    program(name, `PATH=/usr/bin:/bin exec ${name} "$@"`)
  }
  return {
    root: `${folder}/root`,
    archive: (...given) => buildTarball(`${folder}/archives`, agentArchive(description(...given))),
    install: (archive, ...words) => {
      rmSync(`${folder}/unpacked`, { recursive: true })
      mkdirSync(`${folder}/unpacked`)
      const unpack = ['--extract', `--file=${archive}`, '--strip-components=1', `--directory=${folder}/unpacked`]
      t.equal(spawnSync('tar', unpack).status, 0)
      const env = { PATH: `${folder}/bin`, DESTDIR: `${folder}/root` }
      return spawnSync('/bin/sh', [`${folder}/unpacked/install.sh`, ...words], { env, encoding: 'utf8' })
    },
    asked: () => (existsSync(`${folder}/asked`) ? readFileSync(`${folder}/asked`, 'utf8').trim().split('\n') : [])
  }
}

/** An administrator's, and the agent's own. */
const kept = ['/etc/joinery/agent.yaml', '/etc/joinery/code', '/var/lib/joinery-agent/identity.json']
const configure = ({ root }: Host) => {
  for (const path of kept) {
    mkdirSync(dirname(root + path), { recursive: true })
    writeFileSync(root + path, path)
  }
}
const filesOf = (root: string): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()

t.test('the archive has the same bytes for the same input, and nothing for Debian only', { skip }, async (t) => {
  const host = openHost(t)
  const first = readFileSync(await host.archive('0.1.0'))
  t.ok(first.equals(readFileSync(await host.archive('0.1.0'))))
  const listed = spawnSync('tar', ['--list', '--verbose', '--file=-'], { input: first, encoding: 'utf8' })
  t.equal(listed.status, 2, 'it is compressed')
  const names = spawnSync('tar', ['-tvz'], { input: first, encoding: 'utf8' }).stdout
  t.match(names, /^-rwxr-xr-x root\/root .* joinery-agent-0\.1\.0\/install\.sh$/m)
  t.notMatch(names, /lintian/)
})

t.test('the archive installs, installs again, and upgrades, and keeps configuration and key', { skip }, async (t) => {
  const host = openHost(t)
  const [old, next] = [await host.archive('0.1.0'), await host.archive('0.2.0')]
  const first = host.install(old)
  t.match(first, { status: 0, stderr: '', stdout: /Next: write \/etc\/joinery\/agent\.yaml/ })
  const enabled = `--root=${host.root} --quiet enable joinery-agent.service joinery-agent-boot.service joinery-recover.timer`
  t.same(host.asked(), [enabled])
  configure(host)
  for (const [archive, release] of [
    [old, '0.1.0'],
    [next, '0.2.0']
  ] as const) {
    t.match(host.install(archive), { status: 0, stderr: '', stdout: /^installed: / }, release)
    t.equal(readFileSync(`${host.root}${lib}/joinery-agent.mjs`, 'utf8'), release, release)
    t.equal(readFileSync(`${host.root}/etc/systemd/system/joinery-join.service`, 'utf8'), `# ${release}\n`, release)
  }
  t.same(host.asked(), [enabled], 'what an administrator disabled since stays disabled')
  for (const path of kept) t.equal(readFileSync(host.root + path, 'utf8'), path, path)
  t.equal(statSync(`${host.root}${lib}/node`).mode & 0o777, 0o755)
})

t.test('an upgrade enables a unit that the release before did not have, and no other', { skip }, async (t) => {
  const host = openHost(t)
  host.install(await host.archive('0.1.0'))
  rmSync(`${host.root}/etc/systemd/system/joinery-recover.timer`)
  host.install(await host.archive('0.2.0'))
  t.equal(host.asked().at(-1), `--root=${host.root} --quiet enable joinery-recover.timer`)
  t.equal(host.asked().length, 2)
})

t.test('the next installation completes one that a power cut interrupted', { skip }, async (t) => {
  const host = openHost(t)
  const archive = await host.archive('0.1.0')
  for (const rest of ['joinery-agent.new', 'joinery-agent.old']) {
    mkdirSync(`${host.root}/usr/lib/${rest}`, { recursive: true })
    writeFileSync(`${host.root}/usr/lib/${rest}/half`, '')
  }
  t.equal(host.install(archive).status, 0)
  t.same(readdirSync(`${host.root}/usr/lib`).sort(), ['joinery-agent', 'tmpfiles.d'])
  t.same(readdirSync(host.root + lib).sort(), ['joinery-agent.mjs', 'node'])
})

t.test('an uninstall keeps configuration and key, and a purge leaves nothing', { skip }, async (t) => {
  const host = openHost(t)
  const archive = await host.archive('0.1.0')
  host.install(archive)
  configure(host)
  for (const time of ['once', 'again']) {
    t.match(host.install(archive, 'uninstall'), { status: 0, stderr: '' }, time)
    t.same(
      filesOf(host.root).filter((name) => statSync(`${host.root}/${name}`).isFile()),
      kept.map((path) => path.slice(1)),
      time
    )
  }
  t.match(host.install(archive, 'purge'), { status: 0, stderr: '' })
  t.notMatch(filesOf(host.root).join('\n'), /joinery/)
})

const refusals: [
  name: string,
  host: Parameters<typeof openHost>[1],
  given: Parameters<typeof description>,
  says: RegExp
][] = [
  ['somebody who is not root', { user: 1000 }, ['0.1.0'], /not root: run it with sudo/],
  ['a machine without systemd', { withSystemd: false }, ['0.1.0'], /systemd is missing/],
  ['the archive of another processor', {}, ['0.1.0', other], /take the other archive/],
  ['a machine whose glibc is too old', {}, ['0.1.0', architecture, '#!/bin/false\n'], /needs glibc 2\.28/]
]
for (const [name, of, given, says] of refusals) {
  t.test(`${name} gets a reason, and nothing is changed`, { skip }, async (t) => {
    const host = openHost(t, of)
    t.match(host.install(await host.archive(...given)), { status: 1, stdout: '', stderr: says })
    t.same(filesOf(host.root), [])
  })
}

t.test('an unknown word is an error', { skip }, async (t) => {
  const host = openHost(t)
  t.match(host.install(await host.archive('0.1.0'), 'reinstall'), { status: 1, stderr: /there is no 'reinstall'/ })
})
