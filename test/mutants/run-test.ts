import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export type TestResult = { ended: 'passes' } | { ended: 'fails'; first: string } | { ended: 'hangs' }

/** In milliseconds. No file takes a tenth of it on a machine that has nothing else to do. */
const patience = 240_000

/**
 * One test file by itself: without the runner, which takes longer than most of them. It ends at its first failure. `cache`: a
 * folder for what Node compiled, of which the next test needs most again.
 */
export const runTest = async (root: string, file: string, cache: string): Promise<TestResult> => {
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
  if (exitCode === 0) return { ended: 'passes' }
  const first = firstFailure(out) ?? err.trim().split('\n').at(-1) ?? ''
  // that says as much of the machine as of the mutant
  return late || first.startsWith('timeout!') ? { ended: 'hangs' } : { ended: 'fails', first }
}

/** Its name may be all that another process said. */
const firstFailure = (output: string): string | undefined => /^ *not ok \d+ - (.{0,120})/m.exec(output)?.[1]
