import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { refusesRelease, tagOf, withVersion } from './plan-release.ts'

/**
 * `pnpm release VERSION`: sets the version in every package.json, checks, commits, builds the packages, and tags. It pushes
 * nothing, and makes no tag if a step before it fails.
 */
const [version = ''] = process.argv.slice(2)
process.chdir(resolve(import.meta.dirname, '../..'))

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' })
const run = (...args: [program: string, ...args: string[]]): void => {
  console.log(`$ ${args.join(' ')}`)
  execFileSync(args[0], args.slice(1), { stdio: 'inherit' })
}
const read = (file: string): string => readFileSync(file, 'utf8')
const { version: present, packageManager } = JSON.parse(read('package.json')) as Record<string, string>
const pnpm = (script: string): void => run('npx', '-y', String(packageManager), script)

const refusal = refusesRelease({
  version,
  present: String(present),
  changelog: read('CHANGELOG.md'),
  status: git('status', '--porcelain'),
  tags: git('tag', '--list').split('\n')
})
if (refusal !== undefined) {
  console.error(`not released: ${refusal}`)
  process.exit(1)
}

for (const file of globSync('{,packages/*/}package.json')) writeFileSync(file, withVersion(read(file), version))
pnpm('check')
// the time of the last commit is that of the packages
if (git('status', '--porcelain') !== '') run('git', 'commit', '--all', '--message', `Release ${version}`)
pnpm('package')
run('git', 'tag', '--annotate', '--message', `Joinery ${version}`, tagOf(version))
console.log(`
${version} is tagged and built in dist/. Test it, then push:
  npx -y ${packageManager} test && npx -y ${packageManager} test:packages
  git push --atomic origin HEAD ${tagOf(version)}
Take it back before that: git tag --delete ${tagOf(version)}`)
