import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import type { Built } from '../bed/build.ts'
import { keysOf } from './inputs.ts'

const built: Built = {
  edition: '1.37',
  binaries: {
    kubernetes: '/bed/kubernetes-1',
    containerd: '/bed/containerd-1',
    etcd: '/bed/etcd-1',
    criTools: '/bed/cri-1'
  },
  rootfs: '/bed/rootfs-1',
  images: '/bed/images-1',
  machine: '/bed/machine-1',
  emulator: ['/bed/qemu-1/bin/qemu'],
  template: '/bed/template-1'
}

/** A small repository with two suites, `one` and `two`. */
const files = {
  'test/cluster/one.cluster.ts': `import { help } from './help.ts'\nhelp('docs/a.md')\n`,
  'test/cluster/two.cluster.ts': `import { look } from '../docs/look.ts'\nlook('README.md')\n`,
  'test/cluster/three.long.ts': 'console.log(3)\n',
  'test/cluster/help.ts': `import { act } from '../../packages/act.ts'\nexport const help = (page: string) => act(page)\n`,
  'test/cluster/help.test.ts': 'console.log(1)\n',
  'test/cluster/README.md': 'words\n',
  'test/cluster/inside/program.ts': 'console.log(2)\n',
  'test/cluster/bed/init.c': 'int main() {}\n',
  'test/contract/contract.ts': 'export const contract = 1\n',
  'test/docs/look.ts': 'export const look = (page: string) => page\n',
  'packages/act.ts': 'export const act = (page: string) => page\n',
  'packages/other.ts': 'export const other = 1\n',
  'docs/a.md': 'a\n',
  'docs/b.md': 'b\n',
  'README.md': 'read me\n',
  '.ci/run': 'true\n',
  'pnpm-lock.yaml': 'lock\n',
  'dist/server/server.mjs': 'server()\n',
  'deb/DEBIAN/control':
    'Package: joinery-agent\nVersion: 1\nArchitecture: amd64\nMaintainer: M <m@m.invalid>\nDescription: d\n',
  'deb/DEBIAN/postinst': '#!/bin/sh\n',
  'deb/usr/bin/joinery-agent': 'agent\n',
  'deb/usr/lib/inner.deb': 'inner\n',
  'deb/usr/share/doc/joinery-agent/changelog': 'changes\n'
}

type Change = (path: (file: string) => string) => void

const more =
  (file: keyof typeof files, text: string): Change =>
  (path) =>
    appendFileSync(path(file), text)

/** Each kind of input, a change of it, and the suites whose keys are others then. */
const rows: [string, Change, string][] = [
  ['nothing', () => {}, ''],
  ['a comment in a suite', more('test/cluster/one.cluster.ts', '// why\n'), ''],
  ['a suite', more('test/cluster/one.cluster.ts', 'help("x")\n'), 'one'],
  ['a suite of the long ones', more('test/cluster/three.long.ts', 'console.log(4)\n'), ''],
  ['a helper', more('test/cluster/help.ts', 'console.log(4)\n'), 'one two'],
  ['a helper elsewhere that one suite imports', more('test/docs/look.ts', 'console.log(4)\n'), 'two'],
  ['a source of a product that a helper imports', more('packages/act.ts', 'console.log(4)\n'), 'one two'],
  ['a comment and a type there', more('packages/act.ts', '// why\nexport type Act = string\n'), ''],
  ['another source', more('packages/other.ts', 'console.log(4)\n'), ''],
  ['a test of a helper', more('test/cluster/help.test.ts', 'console.log(4)\n'), ''],
  ['words about the suites', more('test/cluster/README.md', 'more\n'), ''],
  ['a program that the bed starts', more('test/cluster/inside/program.ts', 'console.log(4)\n'), 'one two'],
  ['a source of the bed in C', more('test/cluster/bed/init.c', '/* */\n'), 'one two'],
  ['a contract', more('test/contract/contract.ts', 'export const more = 1\n'), 'one two'],
  ['a page that a suite names', more('docs/a.md', 'more\n'), 'one'],
  ['the front page, which the other one names', more('README.md', 'more\n'), 'two'],
  ['a page that none names', more('docs/b.md', 'more\n'), ''],
  ['what CI runs', more('.ci/run', 'false\n'), 'one two'],
  ['the pins', more('pnpm-lock.yaml', 'more\n'), 'one two'],
  ['a program in dist', more('dist/server/server.mjs', 'more()\n'), 'one two'],
  ['a file of a package', more('deb/usr/bin/joinery-agent', 'more\n'), 'one two'],
  ['the mode of a file of a package', (path) => chmodSync(path('deb/usr/bin/joinery-agent'), 0o755), 'one two'],
  ['a file less in a package', (path) => rmSync(path('deb/usr/bin/joinery-agent')), 'one two'],
  ['a script of a package', more('deb/DEBIAN/postinst', 'true\n'), 'one two'],
  ['what a package depends on', more('deb/DEBIAN/control', 'Depends: systemd\n'), 'one two'],
  ['the changelog of a package', more('deb/usr/share/doc/joinery-agent/changelog', 'more\n'), ''],
  ['the package inside of a package', more('deb/usr/lib/inner.deb', 'more\n'), '']
]

/** Writes the repository, with this change, and gives the key of each suite. */
const keysWith = async (t: Test, change: Change, date = '1000000000', other: Partial<Built> = {}) => {
  const root = t.testdir()
  const path = (file: string): string => join(root, file)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(path(file)), { recursive: true })
    writeFileSync(path(file), text, { mode: file.endsWith('postinst') ? 0o755 : 0o644 })
  }
  change(path)
  const env = { ...process.env, SOURCE_DATE_EPOCH: date }
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', path('deb'), path('dist/joinery-agent_1_amd64.deb')], {
    env
  })
  return keysOf(root, ['one', 'two'], { ...built, ...other })
}

const differing = (one: Map<string, string>, other: Map<string, string>): string =>
  [...one.keys()].filter((suite) => one.get(suite) !== other.get(suite)).join(' ')

const skip = needs('dpkg-deb')

t.test('a suite has another key when one of its inputs is another one', { skip }, async (t) => {
  const before = await keysWith(t, () => {})
  for (const [row, change, expected] of rows) t.equal(differing(before, await keysWith(t, change)), expected, row)
  t.equal(differing(before, await keysWith(t, () => {}, '1500000000')), '', 'the date of a package')
  t.equal(
    differing(before, await keysWith(t, () => {}, undefined, { machine: '/bed/machine-2' })),
    'one two',
    'the bed'
  )
})
