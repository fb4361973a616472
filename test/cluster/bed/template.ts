import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { made } from './cache.ts'
import { hardware } from './hardware.ts'
import { openMonitor } from './monitor.ts'
import { must } from './run.ts'
import { waitFor } from './wait-for.ts'

/**
 * Makes a folder with `disk.qcow2` and `state` of a machine that has booted up to where cloud-init reads its seed. A machine that
 * starts from it is there in a second, and then gets what is its own: network card, seed, machine id and clock.
 */
export function makeTemplate(cache: string, minor: string, image: string, emulator: readonly string[], log: string) {
  const sources = ['hardware.ts', 'template.ts'].map((name) => new URL(name, import.meta.url))
  return made(cache, `template-${minor}`, [image, ...emulator, ...sources], async (folder) => {
    const disk = ['-b', join(image, 'base.img'), '-F', 'raw', join(folder, 'disk.qcow2')]
    await must(['qemu-img', 'create', '-q', '-f', 'qcow2', ...disk])
    const consoleLog = join(folder, 'console.log')
    await using handle = await open(log, 'a')
    const kernel = ['joinery-bed-template']
    // ends with this process, however that ends
    const argv = ['--pdeathsig=KILL', ...emulator, ...hardware(image, folder, consoleLog, { kernel })]
    const machine = spawn('setpriv', argv, { stdio: ['ignore', handle.fd, handle.fd] })
    const ended = once(machine, 'exit')
    try {
      const ready = (text: string) => text.includes('joinery-bed: template ready')
      await waitFor('the template to boot', () => readFile(consoleLog, 'utf8'), ready, 300_000)
      const monitor = await openMonitor(join(folder, 'monitor'))
      await monitor.ask('stop')
      await monitor.ask('migrate-set-parameters', { 'max-bandwidth': 1e11 })
      await monitor.ask('migrate', { uri: `exec:cat > ${join(folder, 'state')}` })
      const status = async () => ((await monitor.ask('query-migrate')) as { status: string }).status
      await waitFor('the template to be saved', status, (seen) => seen === 'completed', 60_000)
      monitor.end()
    } finally {
      machine.kill('SIGTERM') // it closes its disk
      await ended
    }
    for (const name of ['monitor', 'pid']) await rm(join(folder, name), { force: true })
  })
}
