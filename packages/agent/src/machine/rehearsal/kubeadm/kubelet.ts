import { once } from 'node:events'
import type { Files } from '@joinery/host/files'
import type { Facts, Labels, Taints } from '@joinery/protocol'
import type { Clock } from '../../../program/clock.ts'
import { paths } from '../../host/paths.ts'
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
}

/** Files in which kubeadm leaves the configuration of the kubelet. */
export const instanceConfig = '/var/lib/kubelet/instance-config.yaml'
export const kubeletConfig = '/var/lib/kubelet/config.yaml'

/** The file in which kubeadm leaves the flags of the kubelet, the node's name among them. */
export const kubeletFlags = '/var/lib/kubelet/kubeadm-flags.env'

const pause = 1000

/**
 * Plays the kubelet. It asks for its certificate with the bootstrap credential, if it has none yet, and registers its
 * Node. It ends at once if kubeadm has not configured it, or if it has no credential at all.
 */
export const kubeletProcess =
  ({ files, cluster, etcd, clock, facts }: KubeletParts): Process =>
  async (signal) => {
    /** Tries again what the API server refuses, until the kubelet is stopped. */
    const retry = async <T>(act: () => Promise<T | undefined>): Promise<T> => {
      for (;;) {
        const result = await act().catch(() => undefined)
        signal.throwIfAborted()
        if (result !== undefined) return result
        await clock.sleep(pause, signal)
      }
    }
    if (!(await files.exists(kubeletConfig))) return false
    const flags = (await files.read(kubeletFlags)) ?? ''
    const name = /--hostname-override=([^\s"]+)/.exec(flags)?.[1]
    if (name === undefined) return false
    if (!(await files.exists(paths.kubeletCertificate))) {
      const kubeconfig = await files.read(paths.bootstrapConf)
      if (kubeconfig === undefined) return false
      const { server, user } = readBootstrap(kubeconfig)
      await files.write(paths.kubeletConf, kubeletKubeconfig(server), 0o600)
      await startStaticPods(files, etcd)
      await retry(async () => (await apiServerAnswers(files, etcd)) || undefined)
      const request = await retry(() => cluster.requestCertificate(user, name))
      const certificate = await retry(() => cluster.certificate(request.name))
      await files.write(paths.kubeletCertificate, certificate + request.key, 0o600)
    }
    await startStaticPods(files, etcd)
    const own = { labels: labelsIn(flags), taints: taintsIn(flags) }
    const registration = { name, ...(await identity(files)), ...machine(facts), ...own }
    await retry(async () => {
      await cluster.registerNode(registration)
      return true
    })
    await once(signal, 'abort')
    return true
  }

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
  const key = pem.indexOf('-----BEGIN PRIVATE KEY-----')
  return { certificate: pem.slice(0, key), key: pem.slice(key) }
}

/** The ids of the machine. If a machine shows no DMI, its machine id is its system UUID too. */
const machine = ({ machineId, productUuid }: Facts) => ({ machineId, systemUuid: productUuid || machineId })
