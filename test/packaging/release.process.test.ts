import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { changelogFault, sectionOf } from '../../packaging/release/changelog-cut.ts'
import { type Found, refusesRelease, withVersion } from '../../packaging/release/plan-release.ts'

const root = resolve(import.meta.dirname, '../..')
const changelog =
  '# Changelog\n\n## [Unreleased]\n\n## [1.3.0] - 2026-12-01\n\n### Added\n\n- A.\n\n## [1.2.3] - 2026-11-26\n\n- B.\n'
const good: Found = { version: '1.3.0', present: '1.2.3', changelog, status: '', tags: ['v1.2.3', ''] }

const rows: [name: string, found: Partial<Found>, refusal: RegExp | undefined][] = [
  ['a clean tree with its section', {}, undefined],
  ['the version that the packages have, if it has no tag', { present: '1.3.0' }, undefined],
  ['a version without a section', { version: '1.4.0' }, /no section "## \[1\.4\.0\] - YYYY-MM-DD"/],
  ['a section without a day', { changelog: changelog.replace(' - 2026-12-01', '') }, /no section "## \[1\.3\.0\]/],
  ['a section that says nothing', { changelog: changelog.replace('### Added\n\n- A.\n\n', '') }, /says nothing/],
  ['text that is not released', { changelog: changelog.replace('d]\n', 'd]\n\n- C.\n') }, /text under \[Unreleased\]/],
  [
    'no section for what comes',
    { changelog: changelog.replace('## [Unreleased]\n\n', '') },
    /no section \[Unreleased\]/
  ],
  [
    'a newer section above',
    { version: '1.2.4', changelog: `${changelog}\n## [1.2.4] - 2026-11-30\n- D.\n` },
    /has 1\.3\.0 above/
  ],
  ['a changed file', { status: ' M README.md\n' }, /not clean: commit or put away\n M README\.md$/],
  ['a file that nobody added', { status: '?? new.ts\n' }, /not clean/],
  ['a tag that is there', { tags: ['v1.3.0'] }, /there is a tag v1\.3\.0 already/],
  ['an older version', { version: '1.2.2' }, /older than 1\.2\.3/],
  ['a version older by its first number alone', { version: '0.9.9' }, /older than 1\.2\.3/],
  ['no version', { version: '' }, /"" is no version/],
  ['a tag for a version', { version: 'v1.3.0' }, /"v1\.3\.0" is no version/],
  ['an option', { version: '--help' }, /is no version/],
  ['two numbers', { version: '1.3' }, /is no version/],
  ['leading zeros', { version: '01.3.0' }, /is no version/],
  ['a version and more', { version: '1.3.0 --force' }, /is no version/],
  ['a release candidate without a section', { version: '1.3.0-rc.1' }, /no section "## \[1\.3\.0-rc\.1\]/]
]

t.test('a release is refused if something that it needs is missing', async (t) => {
  for (const [name, found, refusal] of rows) {
    const said = refusesRelease({ ...good, ...found })
    if (refusal === undefined) t.equal(said, undefined, name)
    else t.match(said, refusal, name)
  }
})

t.test('the text of a version is its section', async (t) => {
  t.equal(sectionOf(changelog, '1.3.0'), '### Added\n\n- A.')
  t.equal(sectionOf(changelog, '1.2.3'), '- B.')
  t.equal(sectionOf(changelog, '1.2'), undefined)
  t.equal(sectionOf(changelog, 'Unreleased'), undefined, 'it has no day')
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

t.test('the changelog of the project can be read', async (t) => {
  t.not(sectionOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), '0.1.0') ?? '', '')
  t.match(changelogFault(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), '99.0.0'), /no section "## \[99\.0\.0\]/)
})

/** A repository with the command in it, and an `npx` that writes down what it is asked and fails at what it is told to. */
const scratch = (files: Record<string, string>) => {
  const folder = t.testdir({
    bin: { npx: '#!/bin/sh\necho "$@" >> "$ASKED"\ntest "$3" != "$FAILS"\n' },
    project: { 'package.json': '', packages: { a: { 'package.json': '' } }, packaging: {} }
  })
  const project = join(folder, 'project')
  chmodSync(join(folder, 'bin/npx'), 0o755)
  cpSync(join(root, 'packaging/release'), join(project, 'packaging/release'), { recursive: true })
  const json = '{\n  "type": "module",\n  "version": "1.2.3",\n  "packageManager": "pnpm@1.0.0"\n}\n'
  for (const file of ['package.json', 'packages/a/package.json']) writeFileSync(join(project, file), json)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text)
  const env = {
    PATH: `${folder}/bin:${process.env.PATH}`,
    ASKED: join(folder, 'asked'),
    HOME: folder,
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'A'],
        [`GIT_${who}_EMAIL`, 'a@example.com']
      ])
    )
  }
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: project, env, encoding: 'utf8' })
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'First')
  const release = (version: string, fails = '') => {
    writeFileSync(env.ASKED, '')
    const args = [join(project, 'packaging/release/main.ts'), version]
    const { status, stderr, stdout } = spawnSync(process.execPath, args, {
      env: { ...env, FAILS: fails },
      encoding: 'utf8'
    })
    return { status, stderr, stdout, asked: readFileSync(env.ASKED, 'utf8').trim().split('\n') }
  }
  return { project, git, release }
}

t.test('a release sets the versions, checks, commits, builds and tags, and pushes nothing', async (t) => {
  const { project, git, release } = scratch({ 'CHANGELOG.md': changelog })
  const { status, stdout, stderr, asked } = release('1.3.0')
  t.equal(status, 0, stderr)
  t.same(asked, ['-y pnpm@1.0.0 check', '-y pnpm@1.0.0 package'])
  t.match(stdout, 'git push --atomic origin HEAD v1.3.0\n')
  t.equal(git('status', '--porcelain'), '')
  t.equal(git('rev-parse', 'v1.3.0^{}'), git('rev-parse', 'HEAD'), 'what was built is what is tagged')
  t.equal(git('log', '-1', '--format=%s').trim(), 'Release 1.3.0')
  for (const file of ['package.json', 'packages/a/package.json']) {
    t.match(readFileSync(join(project, file), 'utf8'), '"version": "1.3.0"', file)
  }
  t.match(release('1.3.0'), { status: 1, stderr: /there is a tag v1\.3\.0 already/, asked: [''] })
})

t.test('a release that is refused changes nothing', async (t) => {
  const { project, git, release } = scratch({ 'CHANGELOG.md': changelog })
  t.match(release('1.4.0'), { status: 1, stderr: /^not released: CHANGELOG\.md has no section/, asked: [''] })
  writeFileSync(join(project, 'new.ts'), '')
  t.match(release('1.3.0'), { status: 1, stderr: /^not released: the working tree is not clean/, asked: [''] })
  t.equal(git('status', '--porcelain'), '?? new.ts\n')
  t.equal(git('tag', '--list'), '')
})

for (const fails of ['check', 'package']) {
  t.test(`a release whose ${fails} fails makes no tag`, async (t) => {
    const { git, release } = scratch({ 'CHANGELOG.md': changelog })
    t.not(release('1.3.0', fails).status, 0)
    t.equal(git('tag', '--list'), '')
  })
}
