import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../bed/build.ts'
import { settingsOf } from '../bed/settings.ts'
import { runSuite } from '../run-suite.ts'
import { dueSuites } from './due.ts'
import { readRuns, withRun } from './runs.ts'
import { type LongSuite, longSuites, pathsOf } from './suites.ts'

const root = join(import.meta.dirname, '../../..')
const page = join(root, 'test/cluster/long-runs.md')

/** Seconds after which a suite is ended. */
const longest = 90 * 60

/**
 * `pnpm test:cluster:long`: makes the packages, plays the long suites that are due, or those that are named, one after the other, and
 * notes each in `long-runs.md` as soon as it ends. What was played so is not due again when the command is. With JOINERY_SUITES_WITHIN, in
 * minutes, no suite begins after that time. `--due` only lists the suites. Ends 1 if one failed.
 */
const main = async (words: readonly string[]): Promise<number> => {
  const begun = performance.now()
  const isOver = () => performance.now() - begun > Number(process.env.JOINERY_SUITES_WITHIN ?? Infinity) * 60_000
  const names = words.filter((word) => word !== '--due')
  const unknown = names.find((name) => !longSuites.some((suite) => suite.name === name))
  if (unknown !== undefined) {
    console.error(`there is no long suite ${unknown}`)
    return 2
  }
  const due = dueSuites(longSuites, readRuns(readFileSync(page, 'utf8')), changed)
  if (words.includes('--due')) {
    for (const { name } of due) console.log(name)
    return 0
  }
  const chosen = names.length === 0 ? due : longSuites.filter(({ name }) => names.includes(name))
  if (chosen.length === 0) return 0
  const { status } = spawnSync(process.execPath, ['packaging/package.ts'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) return 1
  await build(settingsOf(process.env, new Date()))
  const failed: string[] = []
  for (const suite of chosen) {
    if (isOver()) console.log(`-- ${suite.name} NOT RUN: the time is over`)
    else if (!(await play(suite))) failed.push(suite.name)
  }
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

/** Plays a suite and notes it. Returns true if it passed. */
const play = async (suite: LongSuite): Promise<boolean> => {
  const { name } = suite
  const commit = git('rev-parse', '--short=12', 'HEAD').stdout.trim()
  // no commit has what is played, or it is not the usual cluster
  const isOther = git('status', '--porcelain', '--', ...pathsOf(suite)).stdout !== '' || 'JOINERY_K8S' in process.env
  const { passed, took } = await runSuite(name, `${name}.long.ts`, longest)
  const date = new Date().toISOString().slice(0, 10)
  if (isOther) console.log(`-- ${name} is not noted: that was not ${commit} on the usual version of Kubernetes`)
  else {
    const run = { suite: name, date, commit, result: passed ? 'passed' : 'failed', took } as const
    writeFileSync(page, withRun(readFileSync(page, 'utf8'), run))
  }
  return passed
}

const git = (...words: string[]) => spawnSync('git', words, { cwd: root, encoding: 'utf8' })

/** A commit that this clone does not know differs in everything. */
const changed = (commit: string, paths: readonly string[]): boolean =>
  git('diff', '--quiet', commit, '--', ...paths).status !== 0

process.exitCode = await main(process.argv.slice(2))
