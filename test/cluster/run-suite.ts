import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface SuiteRun {
  passed: boolean
  /** In seconds. */
  took: number
}

const root = join(import.meta.dirname, '../..')

/** Process groups of the suites that run. The terminal's own signals do not reach them. */
const groups = new Set<number>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const group of groups) process.kill(-group, signal)
    process.exit(1)
  })
}

/** Seconds after which a suite is ended: the longest takes a little over two hours. */
const longest = 3 * 3600

/** The command that plays the suite `test/cluster/<file>` in a test runner of its own. */
export const suiteCommand = (file: string): string[] => [
  join(root, 'node_modules/.bin/tap'),
  '--disable-coverage',
  join('test/cluster', file)
]

/** Runs a suite by its command. Its output is printed when it ends, with the time that it took. */
export const runSuite = async (name: string, [program = '', ...words]: readonly string[]): Promise<SuiteRun> => {
  console.log(`-- ${name} begins`)
  const begun = performance.now()
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  // in a group of its own: the test file itself must end, so that the guardian of its bed tears it down
  const child = spawn(program, words, { cwd: root, stdio, detached: true })
  const group = child.pid as number
  groups.add(group)
  const late = setTimeout(() => process.kill(-group, 'SIGKILL'), longest * 1000)
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  clearTimeout(late)
  groups.delete(group)
  const took = (performance.now() - begun) / 1000
  process.stdout.write(output)
  console.log(`-- ${name} ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round(took)} s`)
  return { passed: code === 0, took }
}
