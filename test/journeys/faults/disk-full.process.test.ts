import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

/** A file system of its own, in a mount namespace of its own: no root is needed where the kernel lets users make one. */
const inNamespace = (command: string, ...args: string[]) =>
  spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', command, 'sh', ...args], {
    encoding: 'utf8'
  })

// somebody's machine may have them off; where CI has, the test fails, or nobody would see that it never runs
const skip = process.env.CI === 'true' || inNamespace('true').status === 0 ? false : 'user namespaces are off here'

t.test('a server survives a full disk', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-disk-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const script = join(import.meta.dirname, 'inside/disk-full.ts')
  const command = 'mount -t tmpfs -o size=3m none "$1" && TMPDIR="$1" exec "$2" "$3"'
  const { status, stdout, stderr } = inNamespace(command, folder, process.execPath, script)
  t.equal(status, 0, stdout + stderr)
  t.match(stdout, /^ok 1 - a server with a full disk/m)
  t.match(stdout, /^ok 2 - a disk with room for less than a commit/m)
})
