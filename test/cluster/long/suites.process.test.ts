import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { longSuites, pathsOf } from './suites.ts'

const root = join(import.meta.dirname, '../../..')

t.test('a suite is about the programs, and neither about their tests nor about another suite', async (t) => {
  const filesOf = (name: string): string[] => {
    const suite = longSuites.find((one) => one.name === name)
    if (suite === undefined) throw new Error(`there is no suite ${name}`)
    return execFileSync('git', ['ls-files', '--', ...pathsOf(suite)], { cwd: root, encoding: 'utf8' }).split('\n')
  }
  const [why, log] = [filesOf('why'), filesOf('log-trouble')]
  const rows: [file: string, why: boolean, log: boolean][] = [
    ['packages/agent/src/main.ts', true, false],
    ['packages/server/src/main.ts', true, true],
    ['packages/testing/src/judges/x-mod/main.go', false, false],
    ['packages/server/README.md', false, false],
    ['test/cluster/bed/bed.ts', true, true],
    ['test/cluster/why.long.ts', true, false],
    ['test/cluster/log-trouble.long.ts', false, true],
    ['test/cluster/spine.cluster.ts', false, false],
    ['test/cluster/long-runs.md', false, false],
    ['test/cluster/long/main.ts', false, false],
    ['test/cluster/why/plugin.ts', true, false],
    ['test/cluster/servers/crew.ts', false, true],
    ['test/cluster/go/1.37/go.mod', true, true],
    ['test/cluster/go/1.38/go.mod', false, false],
    ['test/contract/machine-contract.ts', false, false]
  ]
  for (const [file, ofWhy, ofLog] of rows) {
    t.ok(existsSync(join(root, file)), file)
    t.equal(why.includes(file), ofWhy, `why: ${file}`)
    t.equal(log.includes(file), ofLog, `log-trouble: ${file}`)
  }
})
