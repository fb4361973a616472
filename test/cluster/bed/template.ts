import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { made } from './cache.ts'
import { clockRateOf, type Hardware, hardware } from './hardware.ts'
import { type Monitor, openMonitor } from './monitor.ts'
import { must } from './run.ts'
import { waitFor } from './wait-for.ts'

/** What a template is made with. */
export interface TemplateSite {
  cache: string
  edition: string
  /** Folder of the machine image. */
  image: string
  emulator: readonly string[]
  log: string
}

/** Name of the file in a template's folder that has all that its kernel said. */
const consoleLog = 'console.log'

const sources = ['hardware.ts', 'template.ts'].map((name) => new URL(name, import.meta.url))

/** Which machines start from a template: workers, or those that become control planes and have more hardware. */
export type TemplateKind = Pick<Hardware, 'controlPlane'>

/**
 * Makes a folder with `disk.qcow2` and `state` of a machine that has booted up to where cloud-init reads its seed. A machine that
 * starts from it is there in a second, and then gets what is its own: network card, seed, machine id and clock.
 */
export function makeTemplate(site: TemplateSite, kind: TemplateKind): Promise<string> {
  const { cache, edition, image, emulator } = site
  return made(cache, `template${suffixOf(kind)}-${edition}`, [image, ...emulator, ...sources], async (folder) => {
    const argv = hardware(image, folder, join(folder, consoleLog), { ...kind, kernel: ['joinery-bed-template'] })
    for (let boots = 1; ; boots++) {
      await createDisk(folder, join(image, 'base.img'), 'raw')
      try {
        return await save(site, folder, argv, async ({ console, says }) => {
          const rate = async () => clockRateOf(await console())
          await waitFor('the template to know the rate of its clock', rate, (seen) => seen !== undefined, 60_000)
          await says('template ready')
        })
      } catch (error) {
        const isClockWrong = (await clockRate(folder).catch(() => 0)) === undefined
        if (!isClockWrong || boots === mostBoots) throw error
        await rm(join(folder, consoleLog))
      }
    }
  })
}

/** Boots after which something else must be at fault if the kernel has measured its clock wrong in each. */
const mostBoots = 3

/** Gives the rate of a template's clock in kHz: see `clockRateOf`. */
export const clockRate = async (template: string): Promise<number | undefined> =>
  clockRateOf(await readFile(join(template, consoleLog), 'utf8'))

/** Makes a folder like that of `template`, which is of this kind, of a machine on which this Debian package was installed too. */
export function makeTemplateWith(
  debianPackage: string,
  template: string,
  site: TemplateSite,
  kind: TemplateKind
): Promise<string> {
  const { cache, edition, image, emulator } = site
  const inputs = [template, pathToFileURL(debianPackage), ...emulator, ...sources]
  return made(cache, `template-package${suffixOf(kind)}-${edition}`, inputs, async (folder) => {
    await createDisk(folder, join(template, 'disk.qcow2'), 'qcow2')
    const disc = join(folder, 'package.iso')
    await writeDisc(disc, folder, debianPackage)
    const argv = [...hardware(image, folder, join(folder, consoleLog), kind), ...incoming(template)]
    await save(site, folder, argv, async ({ monitor, says }) => {
      await loaded(monitor)
      await plugDisc(monitor, 'package', disc)
      await monitor.ask('cont')
      await says('package installed')
      // a machine that starts from what is saved has no such disc
      await unplugDisc(monitor, 'package')
      await says('template ready')
    })
    await rm(disc)
  })
}

const suffixOf = ({ controlPlane }: TemplateKind): string => (controlPlane ? '-control-plane' : '')

/** Gives the emulator's arguments for a machine that goes on from a template. */
export function incoming(template: string): string[] {
  return ['-incoming', `exec:cat ${join(template, 'state')}`]
}

/** Waits until an emulator has the whole state of a template. The machine stands still then. */
export async function loaded(monitor: Monitor): Promise<void> {
  const status = async () => ((await monitor.ask('query-status')) as { status: string }).status
  await waitFor('the template to be loaded', status, (seen) => seen !== 'inmigrate', 60_000, 50)
}

/** Plugs a disc that is only read into a machine. */
export async function plugDisc(monitor: Monitor, id: string, filename: string): Promise<void> {
  const file = { driver: 'file', filename }
  await monitor.ask('blockdev-add', { driver: 'raw', 'node-name': id, 'read-only': true, file })
  await monitor.ask('device_add', { driver: 'virtio-blk-pci', drive: id, id: `${id}-disc` })
}

async function unplugDisc(monitor: Monitor, id: string): Promise<void> {
  const device = `${id}-disc`
  await monitor.ask('device_del', { id: device })
  // it is off the list of devices a moment before it lets go of the disc (device_finalize in hw/core/qdev.c of QEMU)
  await waitFor(
    'the machine to let go of the disc',
    async () => monitor.hasTold('DEVICE_DELETED', device),
    Boolean,
    60_000,
    50
  )
  await monitor.ask('blockdev-del', { 'node-name': id })
}

async function createDisk(folder: string, base: string, format: string): Promise<void> {
  const disk = ['-b', base, '-F', format, join(folder, 'disk.qcow2')]
  await must(['qemu-img', 'create', '-q', '-f', 'qcow2', ...disk])
}

async function writeDisc(disc: string, folder: string, file: string): Promise<void> {
  const work = join(folder, 'disc')
  await mkdir(work)
  await must(['cp', file, join(work, 'package.deb')])
  await must(['genisoimage', '-quiet', '-output', disc, '-volid', 'package', '-joliet', '-rock', work])
  await rm(work, { recursive: true })
}

interface Saved {
  monitor: Monitor
  /** Everything on its serial console. */
  console(): Promise<string>
  /** Waits until the machine has said this on its console. */
  says(words: string): Promise<unknown>
}

/** Starts a machine, waits until it is what it must be, stops it, and keeps its memory as `<folder>/state`. */
async function save(
  { emulator, log }: TemplateSite,
  folder: string,
  hardware: readonly string[],
  ready: (machine: Saved) => Promise<unknown>
): Promise<void> {
  await using handle = await open(log, 'a')
  // ends with this process, however that ends
  const argv = ['--pdeathsig=KILL', ...emulator, ...hardware]
  const machine = spawn('setpriv', argv, { stdio: ['ignore', handle.fd, handle.fd] })
  const ended = once(machine, 'exit')
  try {
    const monitor = await openMonitor(join(folder, 'monitor'))
    const console = () => readFile(join(folder, consoleLog), 'utf8')
    const says = (words: string) =>
      waitFor(`the template to say: ${words}`, console, (text) => text.includes(`joinery-bed: ${words}`), 300_000)
    await ready({ monitor, console, says })
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
}
