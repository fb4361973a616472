import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { build } from '../cluster/bed/build.ts'
import { settingsOf } from '../cluster/bed/settings.ts'
import { runSuite, suiteCommand } from '../cluster/run-suite.ts'
import { partsToPlay, type Results, tableOf } from './results.ts'

const root = join(import.meta.dirname, '../..')

/** Beside the work, and not of it: what was played here. */
const file = join(root, '.tap/long.json')

const pnpm = (...words: string[]): string[] => ['npx', '-y', packageJson.packageManager, ...words]

/** The long suites of the cluster, and what is no suite of it, by name. */
const onCluster = globSync('*.long.ts', { cwd: join(root, 'test/cluster') }).map((one) => basename(one, '.long.ts'))
const others: Readonly<Record<string, string[]>> = {
  compat: pnpm('test:compat'),
  coverage: pnpm('test:coverage'),
  faults: pnpm('test:faults', '--minutes', '30'),
  histories: pnpm('test:histories', '--count', '1000'),
  mutants: pnpm('test:mutants'),
  newcomer: pnpm('test:newcomer')
}
const parts = [...onCluster, ...Object.keys(others)].sort()

/**
 * `pnpm test:long [NAME]...`: plays all that no landing plays, or the parts that are named, one after the other, and prints a table of
 * them. Called again on the same commit it goes on where it was cut off. `--table` prints the table alone. Ends 1 if a part failed.
 */
const main = async (words: readonly string[]): Promise<number> => {
  const names = words.filter((word) => word !== '--table')
  const unknown = names.find((name) => !parts.includes(name))
  if (unknown !== undefined) {
    console.error(`there is no part ${unknown}: ${parts.join(', ')}`)
    return 2
  }
  const commit = presentCommit()
  const results: Record<string, Results[string]> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const chosen = words.includes('--table') ? [] : partsToPlay(parts, names, results, commit)
  if (chosen.some((name) => onCluster.includes(name))) {
    const { status } = spawnSync(process.execPath, ['packaging/package.ts'], { cwd: root, stdio: 'inherit' })
    if (status !== 0) return 1
    await build(settingsOf(process.env, new Date()))
  }
  for (const name of chosen) {
    const { passed, took } = await runSuite(name, others[name] ?? suiteCommand(`${name}.long.ts`))
    results[name] = { ...(commit !== undefined && { commit }), passed, minutes: took / 60 }
    mkdirSync(join(root, '.tap'), { recursive: true })
    writeFileSync(file, JSON.stringify(results))
  }
  console.log(tableOf(parts, results, commit))
  return chosen.some((name) => results[name]?.passed === false) ? 1 : 0
}

/** The commit that is played. Undefined if the tree has changes, or the cluster is not the usual one. */
const presentCommit = (): string | undefined => {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim()
  const isOther = git('status', '--porcelain') !== '' || 'JOINERY_K8S' in process.env
  return isOther ? undefined : git('rev-parse', '--short=8', 'HEAD')
}

process.exitCode = await main(process.argv.slice(2))
