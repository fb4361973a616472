import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs a command in a mount namespace of its own. No root is needed if the kernel lets users make one. */
const inNamespace = (command: string, ...args: string[]) =>
  spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', command, 'sh', ...args], {
    encoding: 'utf8'
  })

/**
 * Reason to skip a test of a full disk, or false. Somebody's machine may have user namespaces off. In CI the test fails
 * then, or nobody would see that it never runs.
 */
export const noSmallDisk: string | false =
  process.env.CI === 'true' || inNamespace('true').status === 0 ? false : 'user namespaces are off here'

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
