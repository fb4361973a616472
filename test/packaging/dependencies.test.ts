import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { bundle, policyWorker, root } from '../../packaging/bundle/bundle.ts'
import { bundledLicences } from '../../packaging/dependencies/bundled-licences.ts'
import { bundledPackages } from '../../packaging/dependencies/bundled-packages.ts'
import { licencesByHand } from '../../packaging/dependencies/licences-by-hand.ts'
import { copies, packageFolders } from '../../packaging/dependencies/package-folders.ts'

t.test('each npm package whose code is in a program has the text of its licence in the package', async (t) => {
  const file = join(t.testdir({}), 'joinery-server.mjs')
  const packages = bundledPackages([await bundle('packages/server/src/main.ts', file, { beside: policyWorker })])
  const sections = bundledLicences(packages)
    .split(/^==== /m)
    .slice(1)
  t.equal(sections.length, packages.length)
  for (const section of sections) t.match(section, /licen[cs]e|permission|warranty/i, section.split('\n')[0] ?? '')
  const byHand = packages.filter(({ name }) => name in licencesByHand).map(({ name }) => name)
  t.same(byHand.sort(), Object.keys(licencesByHand).sort(), 'no text by hand is left of a package that is gone')
})

t.test('a package whose licence nobody has the text of stops the build, with its name', async (t) => {
  const folder = relative(root, t.testdir({ 'package.json': '{}', 'README.md': 'License: MIT' }))
  const unknown = { name: 'without-text', version: '1.0.0', license: 'MIT', folder }
  t.throws(() => bundledLicences([unknown]), {
    message: /ship no text of their licence: [^\n]*\nwithout-text 1\.0\.0 \(MIT\)$/
  })
  const changed = { ...unknown, name: 'abstract-logging', license: 'BUSL-1.1' }
  t.throws(() => bundledLicences([changed]), { message: /abstract-logging 1\.0\.0 \(BUSL-1\.1\)$/ })
})

t.test('the folder of a package is known by its files, and a second copy of it too', async (t) => {
  const [one, two] = ['1', '2'].map((version) => `node_modules/.pnpm/a@${version}.0.0/node_modules/a`)
  const scoped = 'node_modules/.pnpm/@s+a@1.0.0/node_modules/@s/a'
  const files = [`${two}/x.js`, `${one}/x.js`, `${one}/lib/y.js`, `${scoped}/x.js`, 'packages/cli/src/main.ts']
  t.same(packageFolders(files), [scoped, one, two])
  t.same(copies(files), [one, two])
  t.same(copies(files.slice(1)), [])
})

t.test('a program with two copies of a package is not bundled', async (t) => {
  const copy = () => ({ 'package.json': '{ "name": "twice" }', 'index.js': 'console.log("twice")' })
  const folder = t.testdir({
    node_modules: { twice: copy() },
    part: { node_modules: { twice: copy() }, 'part.js': 'import "twice"' }
  })
  writeFileSync(join(folder, 'main.js'), 'import "twice"; import "./part/part.js"')
  await t.rejects(bundle(join(folder, 'main.js'), join(folder, 'out/main.mjs')), {
    message: /more than once: see overrides in pnpm-workspace\.yaml\n.*twice\n.*twice$/
  })
})
