import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Bed } from '../../cluster/bed/bed.ts'
import { processFigures } from '../process-figures.ts'

/** Programs that a join costs something, by the beginning of their command lines. */
const programs = {
  'API server': /^(?:\S*\/)?kube-apiserver /,
  etcd: /^(?:\S*\/)?etcd /,
  'controller manager': /^(?:\S*\/)?kube-controller-manager /,
  'pairing server': /^\S*node \S*joinery-server\.mjs run /
}
export type Component = keyof typeof programs
export const components = Object.keys(programs) as Component[]

/** Processor time of each component of a bed until now, in milliseconds. Zero for one that does not run. */
export type ComponentTimes = Record<Component, number>

export const componentTimes = async (bed: Pick<Bed, 'exec'>): Promise<ComponentTimes> => {
  const network = (await bed.exec(['readlink', '/proc/self/ns/net'])).stdout.trim()
  const times: ComponentTimes = { 'API server': 0, etcd: 0, 'controller manager': 0, 'pairing server': 0 }
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const [command, own] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readlink(`/proc/${pid}/ns/net`).catch(() => '')
    ])
    // another bed may be on this host
    const component = components.find((name) => programs[name].test(command.replaceAll('\0', ' ')))
    if (component !== undefined && own === network) times[component] += (await processFigures(Number(pid))).cpu
  }
  return times
}
