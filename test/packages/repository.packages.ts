import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { aptRepository } from '../../packaging/apt/apt-repository.ts'
import { aptSources } from '../../packaging/apt/apt-sources.ts'
import { must } from '../cluster/bed/run.ts'
import { settingsOf } from '../cluster/bed/settings.ts'
import { openKeys } from '../packaging/gpg-keys.ts'
import { readmeCommands } from '../readme-commands.ts'
import { makeRootfs, type Suite, suites } from './rootfs.ts'

/** The packages in dist/, installed by apt from a signed repository, in clean Debian trees that know no other one. */
t.setTimeout(0)

const root = fileURLToPath(new URL('../..', import.meta.url))
const { cache, logs } = settingsOf(process.env, new Date())
mkdirSync(logs, { recursive: true })
const debs = globSync(join(root, `dist/*_${packageJson.version}_*.deb`))

/** A tree of that Debian. What is typed there has /proc, without which Node finds no library, and no network. */
const openTree = async (t: Test, suite: Suite) => {
  const made = await makeRootfs(cache, suite, join(logs, `packages-${suite}.log`))
  const tree = mkdtempSync(join(tmpdir(), 'joinery-tree-'))
  t.teardown(() => rmSync(tree, { recursive: true }))
  await must(['tar', '--extract', `--file=${join(made, 'rootfs.tar')}`, `--directory=${tree}`, '--exclude=./dev/*'])
  await must(['mknod', '--mode=666', join(tree, 'dev/null'), 'c', '1', '3'])
  for (const file of globSync(join(tree, 'etc/apt/sources.list*'))) rmSync(file, { recursive: true })
  mkdirSync(join(tree, 'etc/apt/sources.list.d'))
  const enter = 'mount -t proc proc "$1/proc" && exec chroot "$1" sh -ec "$2"'
  const env = { DEBIAN_FRONTEND: 'noninteractive', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  return {
    tree,
    type: (line: string) => must(['unshare', '--mount', '--net', 'sh', '-c', enter, 'sh', tree, line], { env })
  }
}

for (const suite of suites) {
  t.test(`the page's commands install what the repository has, on ${suite}`, async (t) => {
    t.equal(debs.length, 6)
    const { tree, type } = await openTree(t, suite)
    const folder = join(tree, 'srv/joinery')
    const keys = openKeys(t)
    const key = keys.make('release')
    keys.sign(aptRepository({ debs, suite: '0.2', folder, date: new Date('2026-01-01T00:00:00Z') }), 'release')
    writeFileSync(join(tree, 'joinery.sources'), aptSources({ url: 'file:///srv/joinery', suite: '0.2', key }))

    const page = readFileSync(join(root, 'docs/how-to/install.md'), 'utf8')
    for (const command of readmeCommands(page, 'repository')) await type(command)
    const [install = ''] = readmeCommands(page, 'install')
    await type(install.replace(/^apt install/, 'apt install --yes'))
    await type('apt-get --yes install joinery-agent')
    for (const name of ['joinery', 'joinery-server', 'joinery-agent']) {
      t.equal(await type(`${name} --version`), `${packageJson.version}\n`, name)
      t.equal(await type(`dpkg --verify ${name}`), '', name)
    }
    await type('apt-get --yes remove joinery-server')
    t.equal(await type('kubectl-joinery --version'), `${packageJson.version}\n`, 'the command stays')
  })
}
