import type { Files } from '@joinery/host/files'
import { paths } from '../../host/paths.ts'
import type { RehearsalEtcd } from './etcd.ts'

/** As much of kubeadm's manifest as is played. */
export const etcdPod = (address: string, nodeName: string): string =>
  `kind: Pod\nspec:\n  containers:\n  - command:\n    - etcd\n    - --name=${nodeName}\n    - --listen-peer-urls=https://${address}:2380\n`

/** The etcd of this machine by its manifest: where it is, and its name; undefined where there is none. */
const ownEtcd = async (files: Files): Promise<{ address: string; name: string } | undefined> => {
  const manifest = (await files.read(paths.etcdManifest)) ?? ''
  const [, name] = /--name=(\S+)/.exec(manifest) ?? []
  const [, address] = /--listen-peer-urls=https:\/\/(\S+):2380/.exec(manifest) ?? []
  return name === undefined || address === undefined ? undefined : { address, name }
}

/** What a kubelet does as soon as it runs, whoever it is to the cluster. */
export const startStaticPods = async (files: Files, etcd: RehearsalEtcd): Promise<void> => {
  const own = await ownEtcd(files)
  if (own !== undefined) etcd.start(own.address, own.name)
}

/** They go with the power, and with `kubeadm reset`; a kubelet that stops leaves them running. */
export const stopStaticPods = async (files: Files, etcd: RehearsalEtcd): Promise<void> => {
  const own = await ownEtcd(files)
  if (own !== undefined) etcd.stop(own.address)
}

/** The API server that this machine's kubelet speaks to answers: of a control plane its own, which needs the etcd beside it. */
export const apiServerAnswers = async (files: Files, etcd: RehearsalEtcd): Promise<boolean> => {
  if (!(await files.exists(`${paths.staticPods}/kube-apiserver.yaml`))) return true
  const own = await ownEtcd(files)
  return own !== undefined && etcd.serves(own.address)
}
