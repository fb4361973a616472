import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'

/** Question about the log in a folder, by the text of a verifier's key; or for a signature. */
export interface Request {
  folder?: string
  key?: string
  inclusion?: { index: number; leaf: string; proof: string[] }[]
  consistency?: { first: number; root: string; proof: string[] }[]
  sign?: { key: string; text: string }
}

export interface Judged {
  refused: string
  proof: string[]
}

/** Answer to one request. `refused` says why the log is no whole one, and is empty if it is. */
export interface Answer {
  refused: string
  leaves: number
  inclusion: Judged[] | null
  consistency: Judged[] | null
  note: string
}

/**
 * Builds a program into the folder that judges logs by golang.org/x/mod/sumdb, which knows nothing of ours. Gives what asks it. Go compiles
 * its standard library if it has not done so before, which takes minutes.
 */
export const buildXMod = async (place: string): Promise<(requests: readonly Request[]) => Promise<Answer[]>> => {
  const program = join(place, 'x-mod')
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local' }
  const cwd = join(import.meta.dirname, 'x-mod')
  await promisify(execFile)('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', program, '.'], { cwd, env })
  return async (requests) => {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(JSON.stringify(requests))
    const [answers, [code]] = await Promise.all([json(child.stdout), once(child, 'close')])
    if (code !== 0) throw new Error(`the judge ended with ${code}`)
    return answers as Answer[]
  }
}
