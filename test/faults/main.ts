import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noSmallDisk } from '@joinery/testing/processes/on-small-disk'

/**
 * Runs `inside/episodes.ts`, which reads the options, in a user namespace: there it has a disk of its own that it can fill. If the
 * kernel lets nobody make one, it runs as it is.
 */
const folder = mkdtempSync(join(tmpdir(), 'joinery-faults-'))
try {
  mkdirSync(join(folder, 'disk'))
  const unshare = ['--user', '--map-root-user', '--mount', 'sh', '-c']
  const hasDisk = noSmallDisk === false
  if (!hasDisk) console.log(`# ${noSmallDisk}: the disk is never full`)
  const env = { ...process.env, JOINERY_FAULTS_FOLDER: folder, JOINERY_FAULTS_DISK: hasDisk ? 'small' : 'as it is' }
  const inner = join(import.meta.dirname, 'inside/episodes.ts')
  const episodes = [process.execPath, ...process.execArgv, inner, ...process.argv.slice(2)]
  const mount = 'mount -t tmpfs -o size=48m none "$JOINERY_FAULTS_FOLDER/disk" && exec "$@"'
  const [program = '', ...words] = hasDisk ? ['unshare', ...unshare, mount, 'sh', ...episodes] : episodes
  // by its standard input it sees the end of this process, whatever ends it
  const child = spawn(program, words, { stdio: ['pipe', 'inherit', 'inherit'], env })
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill())
  const [code] = await once(child, 'exit')
  process.exitCode = code ?? 1
} finally {
  rmSync(folder, { recursive: true })
}
