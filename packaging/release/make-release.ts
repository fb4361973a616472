import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openFlakes } from '../../test/ci/flakes.ts'
import { aptRepository } from '../apt/apt-repository.ts'
import { aptSources } from '../apt/apt-sources.ts'
import { buildTools } from '../evidence/build-tools.ts'
import { provenanceOf } from '../evidence/provenance.ts'
import { sumsOf, sumsText } from '../evidence/sums.ts'
import { planRelease, subjectOf, withVersion } from './plan-release.ts'
import { dist, git, keys, project, provenanceName, read } from './project.ts'
import { signingCommands } from './to-sign.ts'
import { semverOf, suiteOf } from './version.ts'

/** Files of the repository that name what a build fetches or takes from its machine, each with a sum. */
const locks = ['packaging/node/libatomic.json', 'packaging/node/node-binaries.json', 'pnpm-lock.yaml']

/**
 * Makes the files of a release in `dist`, and in `dist/to-sign` what is to be signed. Gives the commands that sign it, or why nothing
 * is released. A call that was killed can be made again. It pushes nothing, and has no key. `repository`: a copy of the apt repository
 * that is published, if there is one: what it has stays.
 */
export const makeRelease = (
  version: string,
  now: Date,
  repository: string | undefined
): { refusal: string } | { commands: string } => {
  const plan = planRelease({
    version,
    present: JSON.parse(read('package.json')).version,
    changelog: read('CHANGELOG.md'),
    status: git('status', '--porcelain'),
    tags: git('tag', '--list').split('\n'),
    subject: git('log', '-1', '--format=%s'),
    flakes: openFlakes(read('test/flakes.md')),
    missingKeys: Object.values(keys).filter((file) => !existsSync(`${project}/${file}`)),
    day: now.toISOString().slice(0, 'yyyy-mm-dd'.length)
  })
  if ('refusal' in plan) return plan
  // before anything is written: a tree that fails is left as it was
  if (!pnpm('check')) return { refusal: 'pnpm check fails' }
  if (plan.step === 'cut') commitVersion(version, plan.changelog)
  const commit = git('rev-parse', 'HEAD')
  clearDist()
  const epoch = git('log', '-1', '--format=%ct')
  if (!pnpm('package', { SOURCE_DATE_EPOCH: epoch })) return { refusal: 'pnpm package fails' }
  addToRepository(version, new Date(Number(epoch) * 1000), repository)
  writeSums(version, commit, Number(epoch))
  const suites = globSync('apt/dists/*/Release', { cwd: dist }).map(dirname).sort()
  layOutToSign(suites)
  return { commands: signingCommands({ version, commit, suites }) }
}

/** Runs a script of package.json, and shows what it prints. True if it ended well. */
const pnpm = (script: string, environment: NodeJS.ProcessEnv = {}): boolean => {
  console.log(`== pnpm ${script}`)
  const { packageManager } = JSON.parse(read('package.json'))
  const env = { ...process.env, ...environment }
  return spawnSync('npx', ['-y', packageManager, script], { cwd: project, env, stdio: 'inherit' }).status === 0
}

const commitVersion = (version: string, changelog: string | undefined): void => {
  const write = (file: string, text: string) => writeFileSync(`${project}/${file}`, text)
  for (const file of globSync('{,packages/*/}package.json', { cwd: project })) {
    write(file, withVersion(read(file), semverOf(version)))
  }
  if (changelog !== undefined) write('CHANGELOG.md', changelog)
  git('commit', '--quiet', '--all', '--message', subjectOf(version))
}

/** Leaves what was fetched, and nothing of an earlier build: its files would be released too. */
const clearDist = (): void => {
  mkdirSync(dist, { recursive: true })
  for (const name of readdirSync(dist)) if (name !== '.cache') rmSync(`${dist}/${name}`, { recursive: true })
}

/** Address that whoever publishes the repository puts theirs in the place of. */
const published = 'https://packages.example.org'

const addToRepository = (version: string, date: Date, before: string | undefined): void => {
  const folder = `${dist}/apt`
  if (before !== undefined) cpSync(before, folder, { recursive: true })
  const suite = suiteOf(version)
  aptRepository({ debs: globSync(`${dist}/*.deb`).sort(), suite, folder, date })
  writeFileSync(`${dist}/joinery.sources`, aptSources({ url: published, suite, key: read(keys.apt) }))
}

const writeSums = (version: string, commit: string, epoch: number): void => {
  const names = readdirSync(dist, { withFileTypes: true })
  const files = names.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name)
  const provenance = provenanceOf({
    version,
    commit,
    epoch,
    files: sumsOf(dist, files),
    locks: sumsOf(project, locks),
    node: JSON.parse(read('packaging/node/node-binaries.json')),
    tools: buildTools()
  })
  writeFileSync(`${dist}/${provenanceName(version)}`, `${JSON.stringify(provenance, undefined, 1)}\n`)
  writeFileSync(`${dist}/SHA256SUMS`, sumsText(sumsOf(dist, [...files, provenanceName(version)])))
}

const layOutToSign = (suites: readonly string[]): void => {
  const folder = `${dist}/to-sign`
  mkdirSync(folder)
  for (const file of ['SHA256SUMS', ...suites.map((suite) => `${suite}/Release`)]) {
    cpSync(`${dist}/${file}`, `${folder}/${file}`)
  }
  git('bundle', 'create', '--quiet', `${folder}/commit.bundle`, 'HEAD')
}
