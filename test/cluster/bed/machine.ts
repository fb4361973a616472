import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hardware } from './hardware.ts'
import { runInside, spawnInside } from './inside.ts'
import { openMonitor } from './monitor.ts'
import { createTap, processesInside } from './network.ts'
import { must, type Result, tail } from './run.ts'
import type { Site } from './site.ts'
import { clockRate, incoming, loaded, plugDisc } from './template.ts'
import { waitFor } from './wait-for.ts'

/**
 * A virtual machine whose first boot is real cloud-init. Plain emulation. A first boot goes on from a template, which was saved
 * before cloud-init reads its seed: all that comes before is the same for each.
 */
export interface Machine {
  readonly name: string
  readonly address: string
  /** Before its first boot: takes a copy of the disk of another machine, which is off. cloud-init sees a new machine. */
  takeDisk(of: Machine): Promise<void>
  /** Powers it on. First boot: with this cloud-init user-data; later ones keep disk and seed, and take none. */
  boot(userData?: string): Promise<void>
  /** Runs a shell command as root. 255 is ssh's own failure, such as a machine that does not answer. */
  ssh(command: string, input?: string | Buffer): Promise<Result>
  /** Has a socket of the bed lead to a socket of this machine, until its power is taken away. */
  forward(from: string, to: string): Promise<void>
  /** Takes the power away: what the machine has not synced is lost. */
  powerCut(): Promise<void>
  /** Runs a shell command over ssh until it succeeds (deadline in milliseconds) and gives its output. */
  waitFor(what: string, command: string, timeout: number): Promise<string>
  /** Everything on its serial console since the first boot. */
  console(): Promise<string>
  /** Keeps its journal and what its Pods logged as `<name>.journal.log`, to find out later why a test failed. */
  keepJournal(): Promise<void>
}

export interface MachineOptions {
  /** Seconds by which its clock is ahead of the host's when it is powered on; negative: behind. */
  clockAhead?: number
  /** Of what kubeadm asks of a control plane: two processors, and memory for etcd and an API server. */
  controlPlane?: boolean
  /** It gets the processor before other machines and suites: programs on it have a deadline that a busy host would break. */
  ahead?: boolean
  /** GiB of its disk, if it needs more than the image has. Its file system grows with `resize2fs /dev/vda`. */
  disk?: number
  /**
   * Folder of the saved machine of its kind that the first boot goes on from, as `templateWith` gives it. If absent, a worker has
   * the bed's own, and a control plane boots from its start.
   */
  template?: string
}

/** The machine `name` with the address 172.30.0.(10 + number), booted or not. */
export function machineOf(site: Site, name: string, number: number, options: MachineOptions = {}): Machine {
  const folder = folderOf(site, name)
  const address = `172.30.0.${10 + number}`
  const consoleLog = join(site.logs, `${name}.console.log`)

  const ssh = (command: string, input?: string | Buffer) =>
    runInside(site, sshCommand(site, address, command), input === undefined ? {} : { input })
  const readPid = async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'))
  const inside = () => processesInside(site.namespace)
  const console = () => readFile(consoleLog, 'utf8').catch(() => '')

  return {
    name,
    address,
    ssh,
    console,
    async keepJournal() {
      const { stdout } = await ssh('journalctl --no-pager; tail -n 1000 /var/log/pods/*/*/*.log')
      await writeFile(join(site.logs, `${name}.journal.log`), stdout)
    },
    async takeDisk(of) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await must(['cp', '--sparse=always', diskOf(folderOf(site, of.name)), diskOf(folder)])
    },
    async boot(userData) {
      const first = !existsSync(numberFile(site, name))
      if (!first && userData !== undefined) throw new Error(`${name} has its user-data from its first boot`)
      const template = first && !existsSync(diskOf(folder)) ? templateFor(site, options) : undefined
      const base: Base =
        template === undefined
          ? { file: join(site.image, 'base.img'), format: 'raw', size: options.disk }
          : { file: join(template, 'disk.qcow2'), format: 'qcow2' }
      if (first) await manufacture(site, name, number, userData ?? '#cloud-config\n{}\n', base)
      const known = { ...options, clockRate: await clockRate(site.template) }
      const argv = [...site.emulator, ...hardware(site.image, folder, consoleLog, known)]
      const own = template === undefined ? ownHardware(folder, number, options) : incoming(template)
      const isAhead = options.controlPlane || options.ahead
      const before = isAhead ? ['nice', `--adjustment=${priority}`] : []
      const emulator = await spawnInside(site, `${name}.qemu`, [...before, ...argv, ...own])
      if (isAhead) await raiseSession(emulator.pid)
      const isOn = (pid: number) => pid === emulator.pid
      await waitFor(`${name} to power on (see ${name}.qemu.log)`, readPid, isOn, 10_000)
      if (template !== undefined) await plugOwnHardware(folder, number)
    },
    async forward(from, to) {
      const { code, stderr } = await runInside(site, [
        'ssh',
        ...['-O', 'forward', '-L', `${from}:${to}`],
        ...sshOptions(site),
        `root@${address}`
      ])
      if (code !== 0) throw new Error(`${name}: ${to} cannot be reached by ${from}: ${stderr}`)
    },
    async powerCut() {
      const pid = await readPid()
      if (!(await inside()).includes(pid)) throw new Error(`${name} is not powered on`)
      // not SIGKILL: that loses the disk format's own metadata, as no power cut does
      process.kill(pid, 'SIGTERM')
      await waitFor(`${name} to go off`, inside, (pids) => !pids.includes(pid), 10_000)
      // else it would wait for the machine that is gone, and all that is asked of the next boot with it
      await runInside(site, ['ssh', '-O', 'exit', ...sshOptions(site), `root@${address}`])
    },
    async waitFor(what, command, timeout) {
      try {
        const seen = await waitFor(
          `${name}: ${what}`,
          () => ssh(command),
          (result) => result.code === 0,
          timeout,
          // each look takes processor from what it waits for
          1000
        )
        return seen.stdout
      } catch (cause) {
        const text = cause instanceof Error ? cause.message : String(cause)
        throw new Error(`${text}\n--- console of ${name}\n${tail(await console(), 15)}`, { cause })
      }
    }
  }
}

/** A machine that was booted before, by this process or another. */
export async function knownMachine(site: Site, name: string): Promise<Machine> {
  const number = await readFile(numberFile(site, name), 'utf8').catch(() => {
    throw new Error(`there is no machine ${name}`)
  })
  return machineOf(site, name, Number(number))
}

/** The command to be run inside the bed that runs a shell command on a machine; without one, it opens a shell there. */
export function sshCommand(site: Site, address: string, ...command: string[]): string[] {
  return ['ssh', ...sshOptions(site), `root@${address}`, ...command]
}

/** All commands of a machine share one connection: to make one takes an emulated processor a second. */
function sshOptions(site: Site): string[] {
  const files = { IdentityFile: join(site.image, 'key'), UserKnownHostsFile: join(site.image, 'known_hosts') }
  const shared = { ControlMaster: 'auto', ControlPersist: 'yes', ControlPath: join(site.run, 'ssh-%h') }
  const options = {
    ...files,
    ...shared,
    BatchMode: 'yes',
    ConnectTimeout: 20,
    LogLevel: 'ERROR',
    ServerAliveInterval: 10
  }
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/** Folder of the saved machine that the first boot goes on from. Undefined if this machine boots from its start. */
function templateFor(site: Site, { template, controlPlane, clockAhead, disk }: MachineOptions): string | undefined {
  // what is saved has the host's clock and the image's disk, and the bed's own has the hardware of a worker
  if (clockAhead !== undefined || disk !== undefined) return undefined
  return template ?? (controlPlane ? undefined : site.template)
}

/** What a disk begins as, and its size in GiB, if that is another one. */
interface Base {
  file: string
  format: 'qcow2' | 'raw'
  size?: number | undefined
}

/** Makes disk, seed and network card of a machine that was never on. */
async function manufacture(
  site: Site,
  name: string,
  number: number,
  userData: string,
  { file: base, format, size }: Base
): Promise<void> {
  const folder = folderOf(site, name)
  const seed = join(folder, 'seed')
  await mkdir(seed, { recursive: true, mode: 0o700 })
  const network = {
    version: 2,
    ethernets: {
      eth0: {
        match: { macaddress: mac(number) },
        'set-name': 'eth0',
        addresses: [`172.30.0.${10 + number}/24`],
        routes: [{ to: 'default', via: '172.30.0.1' }]
      }
    }
  }
  const files = {
    'user-data': userData,
    'meta-data': JSON.stringify({ 'instance-id': name, 'local-hostname': name }),
    'network-config': JSON.stringify(network)
  }
  for (const [file, text] of Object.entries(files)) await writeFile(join(seed, file), text)
  const iso = ['-output', join(folder, 'seed.iso'), '-volid', 'cidata', '-joliet', '-rock']
  await must(['genisoimage', '-quiet', ...iso, seed])
  await rm(seed, { recursive: true })
  await createTap(site.namespace, tap(number))
  await writeFile(numberFile(site, name), String(number))
  const disk = diskOf(folder)
  if (existsSync(disk)) return
  await must([
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    base,
    '-F',
    format,
    disk,
    ...(size === undefined ? [] : [`${size}G`])
  ])
}

/**
 * Of a machine that becomes a control plane, or is ahead of others, as of nice(1): etcd waits for it on each write, and its API server
 * ends if it has not started within a minute.
 */
const priority = -10

/** A kernel that shares the processor by session goes by the session's priority alone. */
async function raiseSession(pid: number): Promise<void> {
  const session = `/proc/${pid}/autogroup`
  if (existsSync(session)) await writeFile(session, String(priority))
}

/** Gives the emulator's arguments for the seed, the network card and the clock of a machine that boots from its start. */
function ownHardware(folder: string, number: number, { clockAhead }: MachineOptions): string[] {
  const clock = new Date(Date.now() + (clockAhead ?? 0) * 1000).toISOString().slice(0, 19)
  return [
    ...(clockAhead === undefined ? [] : ['-rtc', `base=${clock}`]),
    ...['-drive', `file=${join(folder, 'seed.iso')},if=virtio,media=cdrom,readonly=on`],
    ...['-netdev', `tap,id=net0,ifname=${tap(number)},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=net0,mac=${mac(number)}`]
  ]
}

/** Plugs seed and network card into a machine that goes on from the template. The template waits for the seed. */
async function plugOwnHardware(folder: string, number: number): Promise<void> {
  const monitor = await openMonitor(join(folder, 'monitor'))
  await loaded(monitor)
  const ifname = tap(number)
  await monitor.ask('netdev_add', { type: 'tap', id: 'net0', ifname, script: 'no', downscript: 'no' })
  await monitor.ask('device_add', { driver: 'virtio-net-pci', netdev: 'net0', mac: mac(number) })
  await plugDisc(monitor, 'seed', join(folder, 'seed.iso'))
  await monitor.ask('cont')
  monitor.end()
}

function folderOf(site: Site, name: string): string {
  return join(site.run, 'machines', name)
}

function diskOf(folder: string): string {
  return join(folder, 'disk.qcow2')
}

function numberFile(site: Site, name: string): string {
  return join(folderOf(site, name), 'number')
}

function tap(number: number): string {
  return `tap${number}`
}

function mac(number: number): string {
  return `52:54:00:30:00:${number.toString(16).padStart(2, '0')}`
}
