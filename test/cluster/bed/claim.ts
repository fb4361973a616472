import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './place.ts'

const taken = 75
const guardian = fileURLToPath(new URL('guardian.ts', import.meta.url))

export interface Claim {
  place: Place
  /** Tears the bed down; settles when nothing is left of it. */
  end(): Promise<void>
  /** Leaves the bed up when this process ends. */
  leave(): Promise<void>
}

/** Takes the first place that is free within a minute, and removes what an earlier bed left there. */
export async function claimBed(places: readonly Place[], logs: string): Promise<Claim> {
  const deadline = performance.now() + 60_000
  do {
    for (const [index, place] of places.entries()) {
      const claim = await tryClaim(place, logs, index === places.length - 1 ? 1 : 0)
      if (claim) return claim
    }
  } while (performance.now() < deadline)
  const guardians = await Promise.all(places.map(guardianPid))
  throw new Error(`every place for a bed is in use, by the guardian processes ${guardians.join(', ')}`)
}

/** Ends the bed at this place, whoever opened it. */
export async function endBed(place: Place, logs: string): Promise<void> {
  let claim = await tryClaim(place, logs, 0)
  if (!claim) {
    process.kill(await guardianPid(place), 'SIGTERM')
    claim = await tryClaim(place, logs, 30)
  }
  if (!claim) throw new Error(`the bed's guardian, process ${await guardianPid(place)}, does not end`)
  await claim.end()
}

async function tryClaim(place: Place, logs: string, patience: number): Promise<Claim | undefined> {
  const { namespace, lock, run } = place
  await mkdir(logs, { recursive: true, mode: 0o700 })
  await using log = await open(join(logs, 'guardian.log'), 'a')
  // Without a test runner's hooks. Each of these programs becomes the next one, so the child is the guardian itself.
  const clean = ['env', '--unset=NODE_OPTIONS', '--unset=NODE_V8_COVERAGE']
  const locked = ['flock', '--no-fork', `--timeout=${patience}`, `--conflict-exit-code=${taken}`, lock]
  // the kernel gives the lock back when the guardian ends
  const [file = '', ...args] = [...clean, ...locked, process.execPath, guardian, namespace, run, lock]
  const options = { detached: true, stdio: ['pipe', 'pipe', log.fd] } satisfies SpawnOptions
  // both pipes are sockets, which the types do not say
  const child = spawn(file, args, options) as ChildProcessByStdio<Socket, Socket, null>
  const exited = once(child, 'exit')
  const ready = await Promise.race([once(child.stdout, 'data').then(() => true), exited.then(() => false)])
  if (!ready && child.exitCode === taken) return undefined
  if (!ready) throw new Error(`the bed's guardian ended with ${child.exitCode}: ${join(logs, 'guardian.log')}`)
  for (const handle of [child, child.stdin, child.stdout]) handle.unref()
  return {
    place,
    async end() {
      child.ref()
      child.stdin.end()
      await exited
      if (child.exitCode !== 0) throw new Error(`the bed was not torn down: ${join(logs, 'guardian.log')}`)
    },
    leave: () => new Promise((resolve) => child.stdin.end('leave', resolve))
  }
}

async function guardianPid({ lock }: Place): Promise<number> {
  return Number(await readFile(lock, 'utf8'))
}
