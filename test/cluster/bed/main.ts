import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBed } from './bed.ts'
import { build } from './build.ts'
import { endBed } from './claim.ts'
import { entering, environment } from './inside.ts'
import { knownMachine, machineOf, sshCommand } from './machine.ts'
import { placesOf } from './place.ts'
import { settingsOf } from './settings.ts'
import { readSite } from './site.ts'

const usage = `node test/cluster/bed/main.ts COMMAND   (as root)
  build                  make everything that is not in the cache yet
  up                     bring the control plane up and leave it up
  exec COMMAND...        run a command in the bed's namespaces, as the cluster's super-admin
  boot NAME N [FILE]     power a machine on, 172.30.0.(10+N); FILE is cloud-init user-data for its first boot
  ssh NAME [COMMAND...]  a machine's root shell
  off NAME               power cut; boot again keeps the disk
  down                   tear everything down
JOINERY_BED: the cache (/var/cache/joinery-bed). JOINERY_K8S: 1.34 to 1.37. JOINERY_LOGS: this run's logs.`

const settings = settingsOf(process.env, new Date())
// what is played with is always there; a suite may have the other place
const [place] = placesOf(settings.cache)
const { run } = place

const commands: Record<string, (...args: string[]) => Promise<unknown>> = {
  build: () => build(settings),
  async up() {
    const bed = await openBed({ settings, places: [place] })
    await bed.leave()
    console.log(`Kubernetes ${bed.kubernetes} is up; logs and consoles: ${bed.logs}`)
  },
  async exec(...argv) {
    const site = await readSite(run)
    await handOver(entering(site, argv), environment(site))
  },
  async boot(name = '', number = '', file?: string) {
    if (!/^[1-9]\d?$/.test(number)) throw new Error('boot NAME N [FILE]: N is 1 to 99')
    const machine = machineOf(await readSite(run), name, Number(number))
    await machine.boot(file === undefined ? undefined : await readFile(file, 'utf8'))
  },
  async ssh(name = '', ...command) {
    const site = await readSite(run)
    const { address } = await knownMachine(site, name)
    await handOver(entering(site, sshCommand(site, address, ...command)), environment(site))
  },
  async off(name = '') {
    const machine = await knownMachine(await readSite(run), name)
    await machine.powerCut()
  },
  down: () => endBed(place, join(settings.cache, 'logs'))
}

/** Runs a command on this terminal and ends as it ends. */
async function handOver(argv: string[], env: Record<string, string>): Promise<void> {
  const [file = '', ...args] = argv
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  const [code] = await once(child, 'exit')
  process.exitCode = code ?? 1
}

const [, , name = '', ...args] = process.argv
const command = commands[name]
try {
  if (command) await command(...args)
  else fail(usage, 2)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), 1)
}

function fail(text: string, status: number): void {
  console.error(text)
  process.exitCode = status
}
