import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { countProcessorTime } from './processor-time.ts'

export interface SuiteRun {
  passed: boolean
  /** In seconds. */
  took: number
}

/** Process groups of the suites that run. The terminal's own signals do not reach them. */
const groups = new Set<number>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const group of groups) process.kill(-group, signal)
    process.exit(1)
  })
}

/**
 * Runs the suite `test/cluster/<file>` in a test runner of its own, for so many seconds at most. Its output is printed when it ends, with
 * the time and the processor time that it took.
 */
export const runSuite = async (name: string, file: string, longest: number): Promise<SuiteRun> => {
  console.log(`-- ${name} begins`)
  const begun = performance.now()
  const root = join(import.meta.dirname, '../..')
  const argv = ['--disable-coverage', join('test/cluster', file)]
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  // in a group of its own: the test file itself must end, so that the guardian of its bed tears it down
  const child = spawn(join(root, 'node_modules/.bin/tap'), argv, { cwd: root, stdio, detached: true })
  const group = child.pid as number
  const processor = countProcessorTime(group)
  groups.add(group)
  const late = Number.isFinite(longest) ? setTimeout(() => process.kill(-group, 'SIGKILL'), longest * 1000) : undefined
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  clearTimeout(late)
  groups.delete(group)
  const took = (performance.now() - begun) / 1000
  process.stdout.write(output)
  const worked = processor === undefined ? '' : `, ${Math.round(processor.seconds())} s of processor`
  processor?.end()
  console.log(`-- ${name} ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round(took)} s${worked}`)
  return { passed: code === 0, took }
}
