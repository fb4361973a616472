import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Copy } from './copy.ts'

/** `says`: the first test that failed, or why none did. A file that does not load, or hangs, has shown nothing. */
export interface TestResult {
  ended: 'passes' | 'fails' | 'breaks' | 'hangs'
  says: string
}

/** In milliseconds. No file takes a tenth of it on a machine that has nothing else to do. */
const patience = 240_000

/** One test file by itself: without the runner, which takes longer than most of them. It ends at its first failure. */
export const runTest = async ({ root, cache }: Copy, file: string): Promise<TestResult> => {
  const child = spawn(process.execPath, [file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TAP_BAIL: '1', TAP_TIMEOUT: String(patience / 1000), NODE_COMPILE_CACHE: cache },
    // with all that it has started
    detached: true
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, patience)
  const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  clearTimeout(timer)
  if (exitCode === 0) return { ended: 'passes', says: '' }
  const [, failure] = /^ *not ok \d+ - (.{0,120})/m.exec(out) ?? []
  // that says as much of the machine as of the mutant
  if (late || failure?.startsWith('timeout!')) return { ended: 'hangs', says: failure ?? '' }
  if (failure === undefined) return { ended: 'breaks', says: err.trim().slice(-500) }
  return { ended: 'fails', says: failure }
}
