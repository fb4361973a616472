import type { Bed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait-for.ts'
import { brokenUserData } from '../broken-user-data.ts'
import { addToKubeadmConfig } from '../kubeadm-config.ts'
import { installProduct, minutes, type Product, reconfigure } from '../product.ts'
import { restartControllerManager } from './controller-manager.ts'
import { type Plugin, pluginOf } from './plugin.ts'
import { watchReady } from './ready-watch.ts'
import { type Registry, startRegistry, trustRegistry } from './registry.ts'
import { type Worker, workerOf } from './worker.ts'

/** A cluster with two workers, of which one gets no network for its Pods. */
export interface Site {
  bed: Bed
  product: Product
  plugin: Plugin
  registry: Registry
  /** The one with a network for its Pods, and the one without. Their agents wait until their Nodes are Ready. */
  workers: readonly [Worker, Worker]
  /** Gives the cluster more networks for Pods. */
  enlargePodNetwork(): Promise<void>
}

/** A kubelet whose silence is noticed soon, whose disk is well again as soon as it has room, and that waits for its certificate. */
const kubelets = {
  nodeLeaseDurationSeconds: 16,
  nodeStatusUpdateFrequency: '4s',
  evictionPressureTransitionPeriod: '4s',
  serverTLSBootstrap: true
}
const noticedAfter = { 'node-monitor-grace-period': '20s' }

/** Brings the server up, and both workers to the point where only a network plugin is missing. `tell` gets the times. */
export const openSite = async (bed: Bed, tell: (line: string) => void): Promise<Site> => {
  const begun = performance.now()
  const told = (what: string) => tell(`${what} after ${Math.round((performance.now() - begun) / 1000)} s`)
  await addToKubeadmConfig(bed, ['kubelet-config', 'kubelet'], kubelets)
  // the control plane has one network of the two, and the first worker the other one
  await restartControllerManager(bed, { ...noticedAfter, 'cluster-cidr': '10.244.0.0/23' })
  const product = await installProduct(bed)
  await reconfigure(product, 'diagnosis: on')
  const registry = await startRegistry(bed)
  const plugin = await pluginOf(bed)
  const ready = await watchReady(bed)
  told('the server')

  const join = async (number: number): Promise<Worker> => {
    const name = `worker-${number}`
    const machine = bed.machine(name, number)
    const userData = await product.joinery('code', 'create', '--name', name, '--cloud-init')
    await machine.boot(brokenUserData(userData, trustRegistry))
    await product.reaches(name, 'pending', 20 * minutes)
    told(`${name} pending`)
    await product.surveyed(name)
    await product.joinery('approve', name, '--yes')
    await product.reaches(name, 'joined', 10 * minutes)
    told(`${name} joined`)
    return workerOf(product, machine, ready)
  }
  const [one, other] = await Promise.all([join(1), join(2)])
  const networkOf = ({ name }: Worker) => bed.kubectl('get', 'node', name, '-o', 'jsonpath={.spec.podCIDR}')
  const networks = await waitFor(
    'a worker to have a network for its Pods',
    async () => [await networkOf(one), await networkOf(other)],
    ([first = '', second = '']) => (first === '') !== (second === ''),
    minutes
  )
  return {
    bed,
    product,
    plugin,
    registry,
    workers: networks[0] === '' ? [other, one] : [one, other],
    enlargePodNetwork: () => restartControllerManager(bed, noticedAfter)
  }
}
