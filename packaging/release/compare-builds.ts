import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { performance } from 'node:perf_hooks'
import { type Sum, sumsOf } from '../evidence/sums.ts'
import { differences } from './differences.ts'
import { git, project, read } from './project.ts'

/**
 * `node packaging/release/compare-builds.ts`: builds the last commit twice, in two folders, the second time in another time zone, with
 * another umask, locale and home. Ends with 1 if a file is not the same byte for byte. Each build takes some minutes.
 */
const scratch = mkdtempSync(`${tmpdir()}/joinery-builds-`)
// the next one may come while the first build runs
const commit = git('rev-parse', 'HEAD')
const { packageManager } = JSON.parse(read('package.json'))

const buildIn = (folder: string, umask: string, environment: NodeJS.ProcessEnv): Sum[] => {
  const begun = performance.now()
  const place = `${scratch}/${folder}`
  execFileSync('git', ['clone', '--quiet', '--no-checkout', project, place], { stdio: 'inherit' })
  execFileSync('git', ['checkout', '--quiet', '--detach', commit], { cwd: place, stdio: 'inherit' })
  execFileSync('sh', ['-euc', 'umask "$1"; npx -y "$2" package', 'sh', umask, packageManager], {
    cwd: place,
    env: { ...process.env, ...environment },
    stdio: 'inherit'
  })
  console.log(`built in ${((performance.now() - begun) / 60_000).toFixed(1)} min`)
  const entries = readdirSync(`${place}/dist`, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile()
  )
  const names = entries.map(({ parentPath, name }) => `${parentPath}/${name}`.slice(`${place}/dist/`.length))
  return sumsOf(
    `${place}/dist`,
    names.filter((name) => !name.startsWith('.cache/'))
  )
}

try {
  const one = buildIn('one', '022', {})
  const home = `${scratch}/home`
  mkdirSync(home)
  const other = buildIn('another/place/of/joinery', '077', {
    HOME: home,
    LANG: 'C',
    LC_ALL: 'C',
    // where the registry is does not change with the home
    NPM_CONFIG_USERCONFIG: `${homedir()}/.npmrc`,
    TZ: 'Pacific/Kiritimati'
  })
  const different = differences(one, other)
  console.log(different.length === 0 ? `${one.length} files are the same in both` : different.join('\n'))
  process.exitCode = different.length === 0 ? 0 : 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
