import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { needs } from './needs.ts'

const traces = (): boolean => {
  const child = spawn('sleep', ['10'])
  const { stderr } = spawnSync('timeout', ['2', 'strace', '-p', String(child.pid)], { encoding: 'utf8' })
  child.kill()
  return /attached/.test(stderr)
}

/** Reason to skip a test that traces, or false: a developer's machine may have no strace, or let nobody trace. */
export const skipUntraced = needs('strace', traces)

/** Starts strace with these words, and returns once it has the process. strace ends with the test. */
export const traced = async (t: Test, pid: number, ...words: string[]): Promise<ChildProcess> => {
  const tracer = spawn('strace', ['-p', String(pid), ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => tracer.kill())
  let said = ''
  while (!said.includes('attached')) said += String((await once(tracer.stderr, 'data'))[0])
  return tracer
}
