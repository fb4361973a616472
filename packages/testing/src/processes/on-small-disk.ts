import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needs } from './needs.ts'

/** Runs a command in a mount namespace of its own. No root is needed if the kernel lets users make one. */
const inNamespace = (command: string, ...args: string[]) =>
  spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', command, 'sh', ...args], {
    encoding: 'utf8'
  })

/** Reason to skip a test of a full disk, or false. Somebody's machine may have user namespaces off. */
export const noSmallDisk: string | false = needs('user namespaces', () => inNamespace('true').status === 0)

/** Runs a script with TMPDIR on a file system of that size, to its end. */
export const onSmallDisk = (size: string, script: string): { status: number | null; said: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-disk-'))
  try {
    const command = `mount -t tmpfs -o size=${size} none "$1" && TMPDIR="$1" exec "$2" "$3"`
    const { status, stdout, stderr } = inNamespace(command, folder, process.execPath, script)
    return { status, said: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
