import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'

/**
 * Builds the judge of this folder, a program in Go, into `place`. Gives what asks it: it reads all questions as JSON, and writes an answer
 * to each. Go compiles its standard library if it has not done so before, which takes minutes.
 */
export const buildJudge = async <Question, Answer>(
  folder: string,
  place: string
): Promise<(questions: readonly Question[]) => Promise<Answer[]>> => {
  const program = join(place, folder)
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local' }
  const cwd = join(import.meta.dirname, folder)
  await promisify(execFile)('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', program, '.'], { cwd, env })
  return async (questions) => {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(JSON.stringify(questions))
    const [answers, [code]] = await Promise.all([json(child.stdout), once(child, 'close')])
    if (code !== 0) throw new Error(`the judge ended with ${code}`)
    return answers as Answer[]
  }
}
