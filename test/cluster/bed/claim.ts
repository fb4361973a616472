import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The network namespace is one for the host, hence the lock too. The kernel gives it back when the guardian ends.
const lock = '/run/joinery-bed.lock'
const taken = 75
const guardian = fileURLToPath(new URL('guardian.ts', import.meta.url))

export interface Claim {
  /** Tears the bed down; settles when nothing is left of it. */
  end(): Promise<void>
  /** Leaves the bed up when this process ends. */
  leave(): Promise<void>
}

/** Takes the host's one bed, waiting up to 30 s for another to end, and removes what an earlier one left. */
export async function claimBed(run: string, logs: string): Promise<Claim> {
  const claim = await tryClaim(run, logs, 30)
  if (!claim) throw new Error(`the bed is in use; its guardian is process ${await guardianPid()}`)
  return claim
}

/** Ends the bed, whoever opened it. */
export async function endBed(run: string, logs: string): Promise<void> {
  let claim = await tryClaim(run, logs, 0)
  if (!claim) {
    process.kill(await guardianPid(), 'SIGTERM')
    claim = await tryClaim(run, logs, 30)
  }
  if (!claim) throw new Error(`the bed's guardian, process ${await guardianPid()}, does not end`)
  await claim.end()
}

async function tryClaim(run: string, logs: string, patience: number): Promise<Claim | undefined> {
  await mkdir(logs, { recursive: true, mode: 0o700 })
  await using log = await open(join(logs, 'guardian.log'), 'a')
  // Without a test runner's hooks. Each of these programs becomes the next one, so the child is the guardian itself.
  const clean = ['env', '--unset=NODE_OPTIONS', '--unset=NODE_V8_COVERAGE']
  const locked = ['flock', '--no-fork', `--timeout=${patience}`, `--conflict-exit-code=${taken}`, lock]
  const [file = '', ...args] = [...clean, ...locked, process.execPath, guardian, run, lock]
  const options = { detached: true, stdio: ['pipe', 'pipe', log.fd] } satisfies SpawnOptions
  // both pipes are sockets, which the types do not say
  const child = spawn(file, args, options) as ChildProcessByStdio<Socket, Socket, null>
  const exited = once(child, 'exit')
  const ready = await Promise.race([once(child.stdout, 'data').then(() => true), exited.then(() => false)])
  if (!ready && child.exitCode === taken) return undefined
  if (!ready) throw new Error(`the bed's guardian ended with ${child.exitCode}: ${join(logs, 'guardian.log')}`)
  for (const handle of [child, child.stdin, child.stdout]) handle.unref()
  return {
    async end() {
      child.ref()
      child.stdin.end()
      await exited
      if (child.exitCode !== 0) throw new Error(`the bed was not torn down: ${join(logs, 'guardian.log')}`)
    },
    leave: () => new Promise((resolve) => child.stdin.end('leave', resolve))
  }
}

async function guardianPid(): Promise<number> {
  return Number(await readFile(lock, 'utf8'))
}
