import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'

const traces = (): boolean => {
  const child = spawn('sleep', ['10'])
  const { stderr } = spawnSync('timeout', ['2', 'strace', '-p', String(child.pid)], { encoding: 'utf8' })
  child.kill()
  return /attached/.test(stderr)
}

/**
 * Why a test does not trace here, for its option `skip`: somebody's machine may have no strace, or let nobody trace. Where CI
 * does not, the test fails, or nobody would see that it never runs.
 */
export const skipUntraced = process.env.CI === 'true' || traces() ? false : 'nobody may trace a process here'

/** strace with these words, once it has the process; it ends with the test. */
export const traced = async (t: Test, pid: number, ...words: string[]): Promise<ChildProcess> => {
  const tracer = spawn('strace', ['-p', String(pid), ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => tracer.kill())
  let said = ''
  while (!said.includes('attached')) said += String((await once(tracer.stderr, 'data'))[0])
  return tracer
}
