import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must } from './run.ts'
import { waitFor } from './wait-for.ts'

/** Where those lie: what is made there inside is not made on the host. */
const overlaid = ['/etc', '/run', '/var/lib']

/** Folders that are the bed's own inside, so that programs run with their usual paths and the host's stay untouched. */
const ownFolders = ['/etc/joinery', '/etc/kubernetes', '/run/joinery', '/var/lib/etcd', '/var/lib/joinery-server']

/** Where a path inside the bed lies for those outside. */
export function hostPath(run: string, path: string): string {
  const own = ownFolders.some((folder) => path === folder || path.startsWith(`${folder}/`))
  return own ? join(run, 'own', path) : path
}

/** Starts the process that holds the mount namespace open and mounts the bed's own folders there; gives its id. */
export async function createMountNamespace(namespace: string, run: string): Promise<number> {
  // `ip netns exec` makes a mount namespace for what it runs, from which nothing propagates to the host
  const holder = spawn('ip', ['netns', 'exec', namespace, 'sleep', 'infinity'], { detached: true, stdio: 'ignore' })
  await once(holder, 'spawn')
  holder.unref()
  const { pid } = holder
  const started = (comm: string) => comm === 'sleep\n'
  await waitFor('the mount namespace', () => readFile(`/proc/${pid}/comm`, 'utf8'), started, 5_000)
  const inside = (...argv: string[]) => must(['nsenter', `--target=${pid}`, '--mount', ...argv])
  for (const folder of overlaid) {
    const own = (name: string) => join(run, name, folder)
    for (const name of ['upper', 'work']) await mkdir(own(name), { recursive: true })
    const options = `lowerdir=${folder},upperdir=${own('upper')},workdir=${own('work')}`
    await inside('mount', '--types', 'overlay', 'overlay', '--options', options, folder)
  }
  for (const folder of ownFolders) {
    await mkdir(hostPath(run, folder), { recursive: true, mode: 0o700 })
    await inside('mkdir', '--parents', folder)
    await inside('mount', '--bind', hostPath(run, folder), folder)
  }
  return pid as number
}
