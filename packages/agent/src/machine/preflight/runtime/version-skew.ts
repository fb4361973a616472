import type { Host } from '../../../host/host.ts'
import { minorOf } from '../../../host/versions.ts'
import { type Finding, fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { installKubernetes } from './packages.ts'

/** Number of minor versions by which a kubelet may be older than the API server, and than the kubeadm that joins it. */
const oldest = 3

/**
 * Checks the versions of kubelet, kubeadm and cluster against one another. The rules are those of
 * https://kubernetes.io/releases/version-skew-policy and of kubeadm's KubeletVersion, which on a join knows nothing
 * of the cluster's version. `cluster` is the version of the API server, if it is known.
 */
export const versionSkew = (cluster: string | undefined): PreflightCheck => ({
  name: 'version-skew',
  why: 'a kubelet that is newer than the API server, or much older, is a node that misbehaves without saying so',
  async run(host) {
    const [kubelet, kubeadm] = await Promise.all([
      host.version('kubelet').catch(() => ''),
      host.version('kubeadm').catch(() => '')
    ])
    return judge(host, { kubelet, kubeadm, cluster: cluster ?? '' })
  }
})

type Versions = Record<'kubelet' | 'kubeadm' | 'cluster', string>

const judge = async (host: Host, versions: Versions): Promise<Finding> => {
  const install = (minor: number) => installKubernetes(host, ['kubelet', 'kubeadm'], minor, true)
  const [kubelet, kubeadm, cluster] = [versions.kubelet, versions.kubeadm, versions.cluster].map(minorOf)
  if (kubelet === undefined || kubeadm === undefined) {
    return skipped(`the version of ${kubelet === undefined ? 'kubelet' : 'kubeadm'} is not known`)
  }
  if (cluster !== undefined) {
    const found = await againstCluster(install, versions, kubelet, kubeadm, cluster)
    if (found !== undefined) return found
  }
  const { kubelet: kubeletVersion, kubeadm: kubeadmVersion } = versions
  const pair = `kubelet ${kubeletVersion} and kubeadm ${kubeadmVersion}`
  if (kubelet < kubeadm - oldest) {
    return fail(
      `${pair}: kubeadm refuses a kubelet that is more than ${oldest} minor versions older`,
      ...(await install(kubeadm))
    )
  }
  if (kubelet > kubeadm) {
    return warn(`${pair}: no kubelet that is newer than kubeadm is supported`, ...(await install(cluster ?? kubeadm)))
  }
  return pass(cluster === undefined ? `${pair} fit each other` : `${pair} fit the cluster's ${versions.cluster}`)
}

const againstCluster = async (
  install: (minor: number) => Promise<string[]>,
  versions: Versions,
  kubelet: number,
  kubeadm: number,
  cluster: number
): Promise<Finding | undefined> => {
  const newer = (['kubelet', 'kubeadm'] as const).filter((name) => ({ kubelet, kubeadm })[name] > cluster)
  if (newer.length > 0) {
    const named = newer.map((name) => `${name} ${versions[name]}`).join(' and ')
    return fail(`newer than the cluster, which is ${versions.cluster}: ${named}`, ...(await install(cluster)))
  }
  if (kubelet < cluster - oldest) {
    return fail(
      `kubelet ${versions.kubelet} is more than ${oldest} minor versions older than the cluster, which is ${versions.cluster}`,
      ...(await install(cluster))
    )
  }
  if (kubeadm < cluster) {
    return warn(
      `kubeadm ${versions.kubeadm} is older than the cluster, which is ${versions.cluster}: it usually joins, and is not supported`,
      ...(await install(cluster))
    )
  }
  return undefined
}
