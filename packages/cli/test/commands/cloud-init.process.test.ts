import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NewCode } from '@joinery/protocol'
import { newCode } from '@joinery/testing/command/fixtures'
import { joinery, runWith, serveOperators } from '@joinery/testing/command/operators'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { exec } from '../../src/terminal/exec.ts'
import type { Terminal } from '../../src/terminal/terminal.ts'

const answers = { createCode: () => newCode, revokeCode: () => newCode }
const { package: _, ...withoutPackage } = newCode.install
const noPackage: NewCode = { ...newCode, install: withoutPackage }
const skip = needs('genisoimage')

interface UserData {
  write_files: { path: string; content: string }[]
  bootcmd: string[]
  disable_ec2_metadata?: boolean
}
const read = (text: string): UserData => parse(text, { version: '1.1' })
const paths = (text: string): string[] => read(text).write_files.map(({ path }) => path)
const settings = (text: string) =>
  JSON.parse(read(text).write_files.find(({ path }) => path.endsWith('install-kubernetes.json'))?.content ?? '{}')

/** Runs `joinery cloud-init` in an empty folder, with these files. */
const cloudInit = async (
  t: Test,
  words: string[],
  files: Record<string, string> = {},
  terminal: Partial<Terminal> = {}
) => {
  const folder = t.testdir(files)
  const { socket, calls } = await serveOperators(t, answers)
  const at = (word: string) => (word.startsWith('./') ? join(folder, word) : word)
  const ran = await runWith(['cloud-init', ...words.map(at)], { ...terminal, socket })
  return { ...ran, calls, folder, made: (name: string) => readFileSync(join(folder, name), 'utf8') }
}
/** A command line that must not have made a code, or none that is left. */
const revoked = [{ route: 'createCode' }, { route: 'revokeCode', reference: 'c1' }]

t.test('cloud-init makes a code and prints complete user-data, with the rest as messages', async (t) => {
  const { out, err, calls, exitCode } = await cloudInit(t, ['--name', 'node-1', '--ttl', '2h'])
  t.same(calls, [{ route: 'createCode', reference: '', body: { name: 'node-1', ttl: 7200 } }])
  t.equal(exitCode, 0)
  t.match(err, /^Code c1 invites one machine as node-1; first use until .*\nPairing server .*\nNext: joinery list\n$/)
  t.notMatch(err, newCode.code)
  const { out: same } = await joinery(t, answers, 'code', 'create', '--name', 'node-1', '--cloud-init')
  t.equal(out, same, 'as code create --cloud-init does')
})

t.test('cloud-init without an agent package fails, says what to do, and leaves no code', async (t) => {
  const none = { createCode: () => noPackage, revokeCode: () => noPackage }
  const { exitCode, out, err, calls } = await joinery(t, none, 'cloud-init')
  t.equal(exitCode, 1)
  t.equal(out, '')
  t.match(err, /no agent package.*\nremedy: .*agentPackage/)
  t.match(calls, revoked)
})

t.test('O6: user-data that Amazon EC2 does not take is told of with its size, and --gzip is named', async (t) => {
  const key = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n${'mDMEYg==\n'.repeat(1_000)}`
  const words = ['--install-kubernetes', '1.37', '--kubernetes-key', './key']
  const long = await cloudInit(t, words, { key })
  t.equal(long.exitCode, 0)
  t.match(
    long.err,
    `The user-data has ${long.out.length} bytes, and Amazon EC2 takes 16384; --gzip makes it shorter.\n`
  )
  const packed = await cloudInit(t, [...words, '--gzip'], { key })
  t.ok(packed.out.length < 16_384)
  t.notMatch(packed.err, 'EC2')
  t.notMatch((await cloudInit(t, [])).err, 'EC2')
})

t.test('user-data goes into a new file that nobody else can read', async (t) => {
  const { out, folder, made } = await cloudInit(t, ['./user-data'])
  t.equal(out, '')
  t.match(made('user-data'), /^#cloud-config\n/)
  t.equal(statSync(join(folder, 'user-data')).mode & 0o777, 0o600)
  t.same(readdirSync(folder), ['user-data'], 'no draft is left')
})

t.test('--install-kubernetes names the packages, their repository, and its key if one is given', async (t) => {
  const { out } = await cloudInit(t, ['--install-kubernetes', '1.37'])
  t.ok(paths(out).includes('/usr/local/sbin/joinery-install-kubernetes'))
  const community = 'https://pkgs.k8s.io/core:/stable:/v1.37/deb'
  t.match(settings(out), {
    key: { url: `${community}/Release.key` },
    files: { '/etc/apt/sources.list.d/kubernetes.sources': `URIs: ${community}/\n` },
    packages: ['kubelet=1.37.*', 'kubeadm=1.37.*', 'kubectl=1.37.*'],
    hold: ['kubelet', 'kubeadm', 'kubectl'],
    containerdPackage: 'containerd'
  })
  const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n'
  const words = ['--install-kubernetes', 'v1.37.2', '--kubernetes-repository', 'http://mirror.example.org/k8s/']
  const more = ['--kubernetes-key', './key', '--containerd-package', 'containerd.io', '--apt-sources', './sources']
  const own = await cloudInit(t, [...words, ...more], { key, sources: 'Types: deb\n' })
  t.match(settings(own.out), {
    key: { text: key },
    files: {
      '/etc/apt/sources.list.d/kubernetes.sources': 'URIs: http://mirror.example.org/k8s/\n',
      '/etc/apt/sources.list.d/joinery.sources': 'Types: deb\n'
    },
    packages: ['kubelet=1.37.2-*', 'kubeadm=1.37.2-*', 'kubectl=1.37.2-*'],
    containerdPackage: 'containerd.io'
  })
})

t.test('--systemd-credential keeps the code out of user-data, in a file of its own', async (t) => {
  const { out, err, made, folder } = await cloudInit(t, ['--systemd-credential', './code'])
  t.notMatch(`${out}${err}`, newCode.code)
  t.notOk(paths(out).includes('/etc/joinery/code'))
  t.equal(made('code'), newCode.code)
  t.equal(statSync(join(folder, 'code')).mode & 0o777, 0o600)
})

t.test('--block-metadata cuts the machine off at every boot', async (t) => {
  const { bootcmd, disable_ec2_metadata } = read((await cloudInit(t, ['--block-metadata'])).out)
  t.equal(disable_ec2_metadata, true)
  t.match(bootcmd, [/^ip -6 route replace prohibit fd00:ec2::254/, /cloud-init single --name write_files/])
})

const network = 'version: 2\nethernets: {eth0: {dhcp4: true}}\n'

t.test('-o iso makes the disk that NoCloud looks for', { skip }, async (t) => {
  const words = ['--name', 'node-1', '-o', 'iso', './seed.iso', '--network-config', './network']
  const { exitCode, out, err, folder } = await cloudInit(t, words, { network })
  t.equal(exitCode, 0, err)
  t.equal(out, '')
  const iso = join(folder, 'seed.iso')
  t.equal(statSync(iso).mode & 0o777, 0o600)
  t.same(readdirSync(folder), ['network', 'seed.iso'])
  const isoinfo = (...argv: string[]) => spawnSync('isoinfo', ['-i', iso, ...argv], { encoding: 'utf8' }).stdout
  t.match(isoinfo('-d'), /^Volume id: cidata$/m)
  for (const names of ['-R', '-J']) {
    t.same(isoinfo(names, '-f').trim().split('\n').toSorted(), ['/meta-data', '/network-config', '/user-data'], names)
    t.match(isoinfo(names, '-x', '/user-data'), /^#cloud-config\n/, names)
    t.equal(isoinfo(names, '-x', '/network-config'), network, names)
    t.same(
      JSON.parse(isoinfo(names, '-x', '/meta-data')),
      { 'instance-id': 'joinery-c1', 'local-hostname': 'node-1' },
      names
    )
  }
  const blkid = spawnSync('blkid', ['-p', '-o', 'value', '-s', 'LABEL', iso], { encoding: 'utf8' })
  if (blkid.error === undefined) t.equal(blkid.stdout, 'cidata\n')
})

t.test('on a host without a program for ISO images no code is made, and an error says what to install', async (t) => {
  const none = async ([program]: readonly string[]) => {
    throw Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' })
  }
  const { exitCode, err, calls } = await cloudInit(t, ['-o', 'iso', './seed.iso'], {}, { exec: none })
  t.equal(exitCode, 1)
  t.match(err, /^error: there is no program.*\nremedy: apt install genisoimage\n$/)
  t.same(calls, [])
})

t.test('xorriso makes the disk if genisoimage is missing', { skip }, async (t) => {
  const asXorriso: Terminal['exec'] = async ([program = '', ...args]) => {
    if (program !== 'xorriso') throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    t.same(args.splice(0, 2), ['-as', 'mkisofs'])
    return exec(['genisoimage', ...args])
  }
  t.match(await cloudInit(t, ['-o', 'iso', './seed.iso'], {}, { exec: asXorriso }), { exitCode: 0 })
})

t.test('a file that is there is never overwritten, and costs no code', async (t) => {
  const all = [['./there'], ['--systemd-credential', './there'], ['-o', 'iso', './there']]
  for (const words of all) {
    const { exitCode, err, calls, made } = await cloudInit(t, words, { there: 'untouched' })
    t.equal(exitCode, 6, words.join(' '))
    t.match(err, /^error: .*there exists already\nremedy: remove it, or give another name\n$/, words.join(' '))
    t.equal(made('there'), 'untouched', words.join(' '))
    t.same(calls, [], words.join(' '))
  }
})

t.test('a link that leads nowhere is not written through', async (t) => {
  const folder = t.testdir({})
  symlinkSync(join(folder, 'victim'), join(folder, 'user-data'))
  const { exitCode, calls } = await joinery(t, answers, 'cloud-init', join(folder, 'user-data'))
  t.equal(exitCode, 6)
  t.match(calls, revoked)
  t.same(readdirSync(folder), ['user-data'])
})

t.test('of two commands that make the same file at the same time one has it, the other leaves no code', async (t) => {
  const path = join(t.testdir({}), 'user-data')
  const twins = await Promise.all([joinery(t, answers, 'cloud-init', path), joinery(t, answers, 'cloud-init', path)])
  const [winner, loser] = twins.toSorted((a, b) => a.exitCode - b.exitCode)
  t.equal(winner?.exitCode, 0)
  t.equal(loser?.exitCode, 6)
  t.match(loser?.calls.at(-1), winner?.calls.length === 1 ? /./ : { route: 'revokeCode' })
  t.match(readFileSync(path, 'utf8'), /^#cloud-config\n/)
})

t.test('if the second file cannot be made, neither the first one nor the code is left', async (t) => {
  const { exitCode, err, calls, folder } = await cloudInit(t, ['--systemd-credential', './code', './no/user-data'])
  t.equal(exitCode, 1)
  t.match(err, /^error: cannot write .*user-data: ENOENT/)
  t.match(calls, revoked)
  t.same(readdirSync(folder), [])
})

t.test('an image that fails in the middle leaves no file and no code', async (t) => {
  const fails: Terminal['exec'] = async (argv) => {
    if (argv.includes('--version')) return ''
    writeFileSync(argv[argv.indexOf('-o') + 1] ?? '', 'half an image')
    throw new Error('genisoimage failed: No space left on device')
  }
  const { exitCode, err, calls, folder } = await cloudInit(t, ['-o', 'iso', './seed.iso'], {}, { exec: fails })
  t.equal(exitCode, 1)
  t.match(
    err,
    /^error: cannot write .*seed.iso: genisoimage failed: No space left on device\nerror: the code c1 was given to nobody and is revoked\nremedy: make another one\n$/
  )
  t.match(calls, revoked)
  t.same(readdirSync(folder), [])
})

t.test('no server is asked when the command line is wrong', async (t) => {
  const wrong: [words: string[], complaint: RegExp][] = [
    [['-o', 'iso'], /-o iso needs the name of a file/],
    [['-o', 'json'], /Allowed choices are user-data, iso/],
    [['--network-config', './network'], /--network-config goes with -o iso/],
    [['--kubernetes-key', './key'], /go with --install-kubernetes/],
    [['--containerd-package', 'containerd.io'], /go with --install-kubernetes/],
    [['--install-kubernetes', 'latest'], /give a version like 1.37 or 1.37.2/],
    [['--install-kubernetes', '1.37.2-1.1'], /give a version/],
    [['--install-kubernetes', '1.37', '--kubernetes-repository', 'file:///srv'], /give an https URL/],
    [
      ['--install-kubernetes', '1.37', '--kubernetes-repository', 'http://mirror.example.org/'],
      /needs --kubernetes-key/
    ],
    [['--install-kubernetes', '1.37', '--containerd-package', '-o=x'], /give the name of a package/],
    [['--install-kubernetes', '1.37', '--kubernetes-key', './network'], /is no armoured OpenPGP public key/],
    [['--install-kubernetes', '1.37', '--kubernetes-key', './none'], /cannot read .*none: ENOENT/],
    [['-o', 'iso', './seed.iso', '--network-config', './key'], /is no network-config: it is no mapping/],
    [['-o', 'iso', './seed.iso', '--network-config', './broken'], /is no network-config: /],
    [['--ttl', '59s'], /give a duration/]
  ]
  const files = { network, key: '- a', broken: 'a: [' }
  for (const [words, complaint] of wrong) {
    const { exitCode, err, calls } = await cloudInit(t, words, files)
    t.equal(exitCode, 2, words.join(' '))
    t.match(err, complaint, words.join(' '))
    t.same(calls, [], words.join(' '))
  }
})
