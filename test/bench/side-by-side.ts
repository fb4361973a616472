import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@joinery/cli/testing/session'
import { type Bed, openBed } from '../cluster/bed/bed.ts'
import type { Machine } from '../cluster/bed/machine.ts'
import { installProduct, minutes, type Product } from '../cluster/product.ts'
import { type Figure, median, round } from './figure.ts'
import { type Stopwatch, sayNow, startStopwatch } from './stopwatch.ts'

const pairs = 5
/** Until a machine has nothing else to do, in milliseconds. */
const rest = 15_000

export interface Parts {
  bed: Bed
  product: Product
  stopwatch: Stopwatch
}

/** What Joinery adds to `kubeadm join`: two equal machines of the test bed join and are reset in turn. Needs root and Go. */
export const sideBySide = async (): Promise<Figure[]> => {
  const bed = await openBed()
  try {
    const product = await installProduct(bed)
    const parts = { bed, product, stopwatch: await startStopwatch(bed) }
    const [bare, joinery] = [bed.machine('bare', 1), bed.machine('joinery', 2)]
    // the agent prepares both
    for (const machine of [bare, joinery]) {
      await machine.boot(await product.joinery('code', 'create', '--name', machine.name, '--cloud-init'))
    }
    for (const { name } of [bare, joinery]) await product.reaches(name, 'pending', 15 * minutes)
    const memory = await agentMemory(joinery)
    await retire(parts, bare, 'bare')
    await retire(parts, joinery, 'joinery')

    const measured: { bare: number; joinery: Joined }[] = []
    for (let count = 1; count <= pairs; count += 1) {
      const pair = {
        bare: await joinBare(parts, bare, `bare-${count}`),
        joinery: await joinByJoinery(parts, joinery, `joinery-${count}`)
      }
      measured.push(pair)
      process.stderr.write(
        `${count} of ${pairs}: bare ${round(pair.bare)} ms, with Joinery ${round(pair.joinery.registered)} ms\n`
      )
    }
    return [...figures(bed, measured), memory]
  } finally {
    await bed.close()
  }
}

const figures = (bed: Bed, measured: { bare: number; joinery: Joined }[]): Figure[] => {
  const ratios = measured.map(({ bare, joinery }) => joinery.registered / bare)
  const seconds = (values: number[]) => `${round(median(values) / 1000)} s`
  const times = `medians of ${measured.length}, Kubernetes ${bed.kubernetes}, emulated machines`
  return [
    {
      name: 'joined beside bare kubeadm join',
      measured: `ratio ${median(ratios).toFixed(3)} (${ratios.map((ratio) => ratio.toFixed(3)).join(', ')})`,
      judged: { 'registered-beside-kubeadm': median(ratios) }
    },
    {
      name: 'kubeadm join to Node registered',
      measured: `${seconds(measured.map(({ bare }) => bare))}; ${times}`
    },
    {
      name: 'approve to Node registered',
      measured:
        `${seconds(measured.map(({ joinery }) => joinery.registered))}, of it until the claim ` +
        seconds(measured.map(({ joinery }) => joinery.claimed))
    },
    {
      name: 'the agent, from start to joined',
      measured:
        `${round(median(measured.map(({ joinery }) => joinery.cpu)))} s of an emulated processor, at its peak ` +
        `${round(median(measured.map(({ joinery }) => joinery.peak)) / 1e6)} MB with its files in memory`
    }
  ]
}

/** From the start of kubeadm to the Node, in milliseconds. */
const joinBare = async (parts: Parts, machine: Machine, name: string): Promise<number> => {
  const { bed, stopwatch } = parts
  const start = await startBare(parts, machine, name)
  const registered = await stopwatch.at(`ADDED ${name}`, minutes)
  await resetMachine(bed, machine, name)
  return Number(registered - start) / 1e6
}

/** Joins by `kubeadm join` and its own token. Gives the time at which kubeadm was started, and comes back when it has ended. */
export const startBare = async ({ bed, stopwatch }: Parts, machine: Machine, name: string): Promise<bigint> => {
  const { code, stdout, stderr } = await bed.exec(['kubeadm', 'token', 'create', '--print-join-command'])
  if (code !== 0) throw new Error(stderr)
  await sleep(rest)
  const join = `bash -c "${sayNow(name)}; exec ${stdout.trim()} --node-name ${name}"`
  const joined = await machine.ssh(join)
  if (joined.code !== 0) throw new Error(`${join}: ${joined.stdout}${joined.stderr}`)
  return stopwatch.at(name, minutes)
}

interface Joined {
  /** Milliseconds from the operator's call to the Node. */
  registered: number
  /** To the commit of the claim. */
  claimed: number
  /** What the agent's unit took from its start to the end of kubeadm: seconds of processor, bytes at its peak. */
  cpu: number
  peak: number
}

const joinByJoinery = async (parts: Parts, machine: Machine, name: string): Promise<Joined> => {
  const { bed, product, stopwatch } = parts
  const { code } = await product.code(name)
  await machine.ssh('umask 077; cat > /etc/joinery/code; systemctl start joinery-agent', code)
  const { revision, key } = await product.reaches(name, 'pending', 5 * minutes)
  await sleep(rest)
  const operator = connect(bed.hostPath('/run/joinery/operator.sock'))
  const start = process.hrtime.bigint()
  await operator.approve(name, { revision, key })
  await operator.close()
  const registered = await stopwatch.at(`ADDED ${name}`, 10 * minutes)
  const { timeline } = await product.reaches(name, 'joined', minutes)
  const at = (event: string) => Date.parse(timeline.find((entry) => entry.event === event)?.at ?? '')
  await machine.waitFor('kubeadm to end', 'systemctl is-active --quiet joinery-join', 5 * minutes)
  const cost = await unitCost(machine)
  await retire(parts, machine, name)
  await resetMachine(bed, machine, name)
  return { registered: Number(registered - start) / 1e6, claimed: at('claim') - at('approve'), ...cost }
}

const unitCost = async (machine: Machine): Promise<Pick<Joined, 'cpu' | 'peak'>> => {
  const { stdout } = await machine.ssh('systemctl show joinery-agent --property=CPUUsageNSec,MemoryPeak')
  const property = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(stdout)?.[1])
  return { cpu: property('CPUUsageNSec') / 1e9, peak: property('MemoryPeak') }
}

/** Takes the agent off duty and forgets what it knows. */
export const retire = async ({ product }: Parts, machine: Machine, name: string): Promise<void> => {
  await forgetAgent(machine)
  await product.joinery('reject', name, '--reason', 'the end of a measurement', '--yes')
}

/** Ends the agent, and takes away all that it has on its machine. */
export const forgetAgent = (machine: Machine) =>
  machine.ssh('systemctl disable --now joinery-agent joinery-agent-boot; rm -rf /var/lib/joinery-agent/*')

export const resetMachine = async (bed: Bed, machine: Machine, name: string): Promise<void> => {
  const { code, stdout, stderr } = await machine.ssh('systemctl stop joinery-join; kubeadm reset --force')
  if (code !== 0) throw new Error(`kubeadm reset: ${stdout}${stderr}`)
  // the server deletes the Node of a machine that was rejected
  await bed.kubectl('delete', 'node', name, '--ignore-not-found')
}

const agentMemory = async (machine: Machine): Promise<Figure> => {
  const pid = '$(systemctl show --property=MainPID --value joinery-agent)'
  const { stdout } = await machine.ssh(`uname -r; cat /proc/${pid}/smaps_rollup`)
  const megabytes = (field: string) => (Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(stdout)?.[1]) * 1024) / 1e6
  const resident = megabytes('Rss')
  return {
    name: 'agent that waits, on its machine',
    measured: `${round(resident)} MB resident, ${round(megabytes('Anonymous'))} MB of it its own; Linux ${stdout.split('\n')[0]}`,
    judged: { 'agent-that-waits': resident }
  }
}
