import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { namespace } from './network.ts'
import { must } from './run.ts'
import { waitFor } from './wait-for.ts'

/** Folders that are the bed's own inside, so that programs run with their usual paths and the host's stay untouched. */
const ownFolders = ['/etc/joinery', '/etc/kubernetes', '/run/joinery', '/var/lib/etcd', '/var/lib/joinery-server']

/** Where a path inside the bed lies for those outside. */
export function hostPath(run: string, path: string): string {
  const own = ownFolders.some((folder) => path === folder || path.startsWith(`${folder}/`))
  return own ? join(run, 'own', path) : path
}

/** Starts the process that holds the mount namespace open and mounts the bed's own folders there; gives its id. */
export async function createMountNamespace(run: string): Promise<number> {
  // `ip netns exec` makes a mount namespace for what it runs, from which nothing propagates to the host
  const holder = spawn('ip', ['netns', 'exec', namespace, 'sleep', 'infinity'], { detached: true, stdio: 'ignore' })
  await once(holder, 'spawn')
  holder.unref()
  const { pid } = holder
  const started = (comm: string) => comm === 'sleep\n'
  await waitFor('the mount namespace', () => readFile(`/proc/${pid}/comm`, 'utf8'), started, 5_000)
  for (const folder of ownFolders) {
    if (!existsSync(folder)) {
      await appendFile(mountPoints(run), `${folder}\n`)
      await mkdir(folder)
    }
    await mkdir(hostPath(run, folder), { recursive: true, mode: 0o700 })
    await must(['nsenter', `--target=${pid}`, '--mount', 'mount', '--bind', hostPath(run, folder), folder])
  }
  return pid as number
}

/** Removes the folders that were made on the host only to mount upon. */
export async function removeMountPoints(run: string): Promise<void> {
  const made = await readFile(mountPoints(run), 'utf8').catch(() => '')
  for (const folder of made.split('\n').filter(Boolean)) await rmdir(folder).catch(() => {})
}

function mountPoints(run: string): string {
  return join(run, 'mount-points')
}
