import { paths } from '@joinery/agent/testing/machine'
import type { Files } from '@joinery/host/files'
import type { RehearsalEtcd } from './etcd.ts'

/** The part of kubeadm's manifest that is played. */
export const etcdPod = (address: string, nodeName: string): string =>
  `kind: Pod\nspec:\n  containers:\n  - command:\n    - etcd\n    - --name=${nodeName}\n    - --listen-peer-urls=https://${address}:2380\n`

/** The etcd of this machine by its manifest: its address and its name. Undefined if there is none. */
const ownEtcd = async (files: Files): Promise<{ address: string; name: string } | undefined> => {
  const manifest = (await files.read(paths.etcdManifest)) ?? ''
  const [, name] = /--name=(\S+)/.exec(manifest) ?? []
  const [, address] = /--listen-peer-urls=https:\/\/(\S+):2380/.exec(manifest) ?? []
  return name === undefined || address === undefined ? undefined : { address, name }
}

/** Starts the static Pods. A kubelet does this as soon as it runs, whoever it is to the cluster. */
export const startStaticPods = async (files: Files, etcd: RehearsalEtcd): Promise<void> => {
  const own = await ownEtcd(files)
  if (own !== undefined) etcd.start(own.address, own.name)
}

/**
 * Stops the static Pods. They end with the power, and with `kubeadm reset`. A kubelet that stops leaves them running.
 */
export const stopStaticPods = async (files: Files, etcd: RehearsalEtcd): Promise<void> => {
  const own = await ownEtcd(files)
  if (own !== undefined) etcd.stop(own.address)
}

/**
 * True if the API server that this machine's kubelet speaks to answers. A control plane's kubelet speaks to its own,
 * which needs the etcd beside it.
 */
export const apiServerAnswers = async (files: Files, etcd: RehearsalEtcd): Promise<boolean> => {
  if (!(await files.exists(`${paths.staticPods}/kube-apiserver.yaml`))) return true
  const own = await ownEtcd(files)
  return own !== undefined && etcd.serves(own.address)
}
