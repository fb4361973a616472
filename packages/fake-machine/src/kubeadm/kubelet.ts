import { once } from 'node:events'
import { clusterOf, keyIn, type Pem, readPem } from '@joinery/agent/testing/debian'
import { isKubeconfig, paths } from '@joinery/agent/testing/machine'
import type { Clock } from '@joinery/agent/testing/program'
import type { Files } from '@joinery/host/files'
import type { Facts, Labels, Taints } from '@joinery/protocol'
import type { Process } from '../service.ts'
import type { RehearsalEtcd } from './etcd.ts'
import { kubeletKubeconfig, readBootstrap } from './kubeconfig.ts'
import type { KubeletSide, Registration } from './kubelet-side.ts'
import { apiServerAnswers, startStaticPods } from './static-pods.ts'

export interface KubeletParts {
  files: Files
  cluster: KubeletSide
  etcd: RehearsalEtcd
  clock: Clock
  facts: Facts
  life: KubeletLife
}

/** The state of the kubelet as systemd and the machine show it. */
export interface KubeletLife {
  /** Milliseconds by which the machine's time of day is ahead of the API server's. */
  ahead: number
  /** Monotonic milliseconds since which the kubelet runs. Undefined while it waits to be started again. */
  since: number | undefined
  /** The lines that the kubelet has logged. */
  log: string[]
}

/** The file in which kubeadm leaves the configuration of one kubelet, beside that of all. */
export const instanceConfig = '/var/lib/kubelet/instance-config.yaml'

/** The file in which kubeadm leaves the flags of the kubelet, the node's name among them. */
export const kubeletFlags = '/var/lib/kubelet/kubeadm-flags.env'

const pause = 1000

/** `RestartSec` of kubeadm's unit. */
const comesRound = 10_000

/**
 * Plays the kubelet's unit. A kubelet that kubeadm has configured is started again ten seconds after it ended. One that
 * kubeadm has not configured ends at once, for good.
 */
export const kubeletProcess =
  (parts: KubeletParts): Process =>
  async (signal) => {
    const { files, clock, life } = parts
    while (!signal.aborted) {
      life.since = undefined
      const flags = (await files.read(kubeletFlags)) ?? ''
      const name = /--hostname-override=([^\s"]+)/.exec(flags)?.[1]
      if (name === undefined || !(await files.exists(paths.kubeletConfig))) return false
      life.since = clock.monotonic()
      if (await runKubelet(parts, name, flags, signal)) return true
      life.since = undefined
      // a join that failed is over; nobody plays the kubelet that waits for the next one
      const has = await Promise.all([paths.kubeletConf, paths.kubeletCertificate].map(files.exists))
      if (!has.includes(true)) return false
      await clock.sleep(comesRound, signal)
    }
    return false
  }

/**
 * Plays the kubelet. It asks for its certificate with the bootstrap credential, if it has none that is good by its own
 * clock, and registers its Node. It ends at once if it has no credential at all. False if it ended by itself.
 */
const runKubelet = async (
  { files, cluster, etcd, clock, facts, life }: KubeletParts,
  name: string,
  flags: string,
  signal: AbortSignal
): Promise<boolean> => {
  /** Tries again what the API server refuses, until the kubelet is stopped. */
  const retry = async <T>(act: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const result = await act().catch(() => undefined)
      signal.throwIfAborted()
      if (result !== undefined) return result
      await clock.sleep(pause, signal)
    }
  }
  const ends = (...lines: string[]): boolean => {
    life.log = [...life.log, ...lines].slice(-400)
    return false
  }
  const isOver = (pem: Pem): boolean => pem.state === 'whole' && pem.notAfter < cluster.now() + life.ahead
  const conf = await files.read(paths.kubeletConf)
  const pem = await readPem(files)
  const kept = conf !== undefined && pem.state === 'whole' && !isOver(pem)
  // a key that does not fit is not looked at here
  if (!kept && !(conf !== undefined && pem.state === 'key-does-not-fit')) {
    const why =
      pem.state !== 'whole'
        ? `unable to read existing bootstrap client config from ${paths.kubeletConf}: invalid configuration: [unable to read client-cert ${paths.kubeletCertificate} for default-auth due to open ${paths.kubeletCertificate}: no such file or directory`
        : `part of the existing bootstrap client certificate in ${paths.kubeletConf} is expired`
    const kubeconfig = await files.read(paths.bootstrapConf)
    if (!isKubeconfig(kubeconfig)) {
      return ends(
        why,
        `failed to run Kubelet: unable to load bootstrap kubeconfig: stat ${paths.bootstrapConf}: no such file or directory`
      )
    }
    const { user, ...way } = readBootstrap(kubeconfig)
    await files.write(paths.kubeletConf, kubeletKubeconfig(way), 0o600)
    await startStaticPods(files, etcd)
    await retry(async () => (await apiServerAnswers(files, etcd)) || undefined)
    if (isBroken(pem)) return ends(cannotBeLoaded)
    if (pem.state !== 'whole' || isOver(pem)) {
      const request = await retry(() => cluster.requestCertificate(user, name))
      const certificate = await retry(() => cluster.certificate(request.name))
      await files.write(paths.kubeletCertificate, certificate + request.key, 0o600)
    }
  }
  if (isBroken(await readPem(files))) return ends(cannotBeLoaded)
  await startStaticPods(files, etcd)
  const own = { labels: labelsIn(flags), taints: taintsIn(flags) }
  const credential = await identity(files)
  const registration = { name, ...credential, ...machine(facts), ...own }
  const way = await clusterOf(files, (await files.read(paths.kubeletConf)) ?? '')
  await retry(async () => {
    const answer = way && (await cluster.answer(way, name, credential))
    if (answer?.answer !== 'http') throw new Error('x509: certificate signed by unknown authority')
    await cluster.registerNode(registration)
    return true
  })
  await once(signal, 'abort')
  return true
}

/** The kubelet's store of certificates takes a file that is missing, and no other that it cannot load. */
const isBroken = ({ state }: Pem): boolean => state === 'unreadable' || state === 'key-does-not-fit'

const cannotBeLoaded = 'failed to run Kubelet: failed to initialize certificate manager'

const labelsIn = (flags: string): Labels => {
  const [, list = ''] = /--node-labels=([^\s"]+)/.exec(flags) ?? []
  return Object.fromEntries([...list.matchAll(/([^,=]+)=?([^,]*)/g)].map(([, key = '', value = '']) => [key, value]))
}

const taintsIn = (flags: string): Taints => {
  const [, list = ''] = /--register-with-taints=([^\s"]+)/.exec(flags) ?? []
  return [...list.matchAll(/([^,=:]+)=?([^,:]*):([^,]+)/g)].map(
    ([, key = '', value = '', effect]) => ({ key, value, effect }) as Taints[number]
  )
}

const identity = async (files: Files): Promise<Pick<Registration, 'certificate' | 'key'>> => {
  const pem = (await files.read(paths.kubeletCertificate)) ?? ''
  const key = keyIn(pem)
  return { certificate: pem.replace(key, ''), key }
}

/** The ids of the machine. If a machine shows no DMI, its machine id is its system UUID too. */
const machine = ({ machineId, productUuid }: Facts) => ({ machineId, systemUuid: productUuid || machineId })
