import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { cutChangelog } from '../../packaging/release/changelog-cut.ts'
import { type Found, type Plan, planRelease, withVersion } from '../../packaging/release/plan-release.ts'
import { debianVersion, isNewer, isVersion, semverOf, tagOf } from '../../packaging/release/version.ts'

const root = resolve(import.meta.dirname, '../..')
const changelog = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A.\n\n## [1.2.3] - 2026-11-26\n\n- B.\n'
const cut = changelog.replace('[Unreleased]\n', '[Unreleased]\n\n## [1.3.0] - 2026-12-01\n')
const good: Found = {
  version: '1.3.0',
  present: '1.2.3',
  changelog,
  status: '',
  tags: ['v1.2.3', ''],
  subject: 'Let it be',
  flakes: [],
  missingKeys: [],
  day: '2026-12-01'
}

const plans: [name: string, found: Partial<Found>, plan: Plan][] = [
  ['a version', {}, { step: 'cut', changelog: cut }],
  ['a candidate', { version: '1.3.0~rc.1' }, { step: 'cut', changelog: undefined }],
  ['the version of a candidate', { present: '1.3.0-rc.2' }, { step: 'cut', changelog: cut }],
  ['a release that was cut short', { present: '1.3.0', subject: 'Release 1.3.0' }, { step: 'build' }],
  [
    'a candidate that was cut short',
    { version: '1.3.0~rc.1', present: '1.3.0-rc.1', subject: 'Release 1.3.0-rc.1' },
    { step: 'build' }
  ]
]

t.test('a version moves what is unreleased to its section, and a candidate leaves it', async (t) => {
  for (const [name, found, plan] of plans) t.same(planRelease({ ...good, ...found }), plan, name)
})

const empty = changelog.replace('### Added\n\n- A.\n\n', '')
const refusals: [name: string, found: Partial<Found>, refusal: RegExp][] = [
  ['nothing to release', { changelog: empty }, /nothing under \[Unreleased\]: there is nothing to release/],
  ['a changelog without that section', { changelog: '# Changelog\n' }, /nothing under \[Unreleased\]/],
  ['a changed file', { status: ' M README.md\n' }, /not clean: commit, or git restore \.\n M README\.md$/],
  ['a file that nobody added', { status: '?? new.ts\n' }, /not clean/],
  ['a tag that is there', { tags: ['v1.3.0'] }, /there is a tag v1\.3\.0 already/],
  ['the tag of a candidate', { version: '1.3.0~rc.1', tags: ['v1.3.0-rc.1'] }, /there is a tag v1\.3\.0-rc\.1 already/],
  ['a flake', { flakes: ['test/a.test.ts'] }, /flakes\.md has flakes: [^\n]*\ntest\/a\.test\.ts$/],
  ['no key to verify by', { missingKeys: ['keys/apt.asc'] }, /there is no keys\/apt\.asc: CONTRIBUTING\.md says/],
  ['an older version', { version: '1.2.2' }, /1\.2\.2 is not newer than 1\.2\.3/],
  ['the present version', { version: '1.2.3', tags: [] }, /1\.2\.3 is not newer than 1\.2\.3/],
  ['a candidate of the present version', { version: '1.2.3~rc.1' }, /is not newer than 1\.2\.3/],
  ['the present candidate', { version: '1.3.0~rc.1', present: '1.3.0-rc.1' }, /is not newer than 1\.3\.0~rc\.1/],
  ['a candidate as SemVer has it', { version: '1.3.0-rc.1' }, /is no version: write it as .* 1\.2\.3~rc\.1/]
]

t.test('a release is refused if something that it needs is missing', async (t) => {
  for (const [name, found, refusal] of refusals) t.match(planRelease({ ...good, ...found }), { refusal }, name)
})

t.test('a version is three numbers, and a candidate has its own', async (t) => {
  for (const good of ['0.2.0', '10.20.30', '1.3.0~rc.1', '1.3.0~rc.10']) t.ok(isVersion(good), good)
  const bad = [
    '',
    'v1.3.0',
    '--help',
    '1.3',
    '01.3.0',
    '1.3.0 --force',
    '1.3.0-rc.1',
    '1.3.0~rc.0',
    '1.3.0~beta.1',
    '1.3.0+1'
  ]
  for (const text of bad) t.notOk(isVersion(text), text)
})

t.test('a candidate has a form for npm and Git, and one for Debian', async (t) => {
  t.equal(semverOf('1.3.0~rc.1'), '1.3.0-rc.1')
  t.equal(tagOf('1.3.0~rc.1'), 'v1.3.0-rc.1')
  t.equal(debianVersion('1.3.0-rc.1'), '1.3.0~rc.1')
  for (const same of [semverOf, debianVersion]) t.equal(same('1.3.0'), '1.3.0')
})

const ascending = ['0.9.9', '1.2.3', '1.3.0~rc.2', '1.3.0~rc.10', '1.3.0', '1.3.1~rc.1', '1.10.0', '2.0.0']

t.test('versions have the order that dpkg gives them', { skip: needs('dpkg-deb') }, async (t) => {
  for (const [at, version] of ascending.entries()) {
    for (const [before, other] of ascending.entries()) {
      t.equal(isNewer(version, other), at > before, `${version} after ${other}`)
    }
    const previous = ascending[at - 1]
    if (previous !== undefined) t.equal(spawnSync('dpkg', ['--compare-versions', version, 'gt', previous]).status, 0)
  }
})

t.test('the first section of a changelog is the only one when it is cut', async (t) => {
  t.equal(
    cutChangelog('## [Unreleased]\n\n- A.\n', '1.0.0', '2026-12-01'),
    '## [Unreleased]\n\n## [1.0.0] - 2026-12-01\n\n- A.\n'
  )
  t.equal(cutChangelog('## [Unreleased]\n', '1.0.0', '2026-12-01'), undefined)
})

t.test('a new version in a package.json changes nothing else', async (t) => {
  const json = '{\n  "name": "a",\n  "version": "0.1.0",\n  "nested": {\n    "version": "0.1.0"\n  }\n}\n'
  t.equal(withVersion(json, '1.3.0'), json.replace('0.1.0', '1.3.0'))
  t.throws(() => withVersion('{\n  "name": "a"\n}\n', '1.3.0'), /no version/)
})

t.test('every package has the version of the project', async (t) => {
  const versionOf = (file: string): string => JSON.parse(readFileSync(join(root, file), 'utf8')).version
  const packages = execFileSync('git', ['ls-files', 'packages/*/package.json'], { cwd: root, encoding: 'utf8' })
  for (const file of packages.trim().split('\n')) t.equal(versionOf(file), versionOf('package.json'), file)
})

t.test('the changelog of the project can be cut', async (t) => {
  const text = cutChangelog(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), '99.0.0', '2026-12-01') ?? ''
  t.match(text, /^## \[Unreleased\]\n\n## \[99\.0\.0\] - 2026-12-01\n\n### /m)
})
