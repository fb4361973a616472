import { join } from 'node:path'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { paths } from '../../host/paths.ts'
import { type NetworkTraces, networkTraces, remains, withoutChains } from '../../network/network-traces.ts'

/**
 * Removes, after `kubeadm reset`, what it leaves of a join in the network, except what was there `before` the join.
 * Returns what it did, and what it could not do, in words. Safe to call again.
 */
export const removeRemains = async (files: Files, exec: Exec, before: NetworkTraces | undefined): Promise<string[]> => {
  const left = remains(before, await networkTraces(files, exec))
  const done: string[] = []
  /** Does one removal. A failure does not keep the others from being done. */
  const attempt = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const result = await act().then(
      () => `removed ${what}`,
      (error: Error) => `could not remove ${what}: ${error.message}`
    )
    done.push(result)
  }
  for (const name of left.cniFiles) {
    const path = join(paths.cniConfigurations, name)
    await attempt(path, () => files.remove(path))
  }
  for (const name of left.links) await attempt(`the link ${name}`, () => exec(['ip', 'link', 'delete', 'dev', name]))
  if (left.chains) {
    for (const program of ['iptables', 'ip6tables']) {
      await attempt(`the ${program} chains of Kubernetes`, () => removeChains(exec, program))
    }
  }
  if (left.ipvs) await attempt('the services of IPVS', () => exec(['ipvsadm', '--clear']))
  if (left.kubeProxyTable) {
    const tables = await exec(['nft', 'list', 'tables'])
    for (const [, family = ''] of tables.matchAll(/^table (ip6?) kube-proxy$/gm)) {
      await attempt(`the table ${family} kube-proxy`, () => exec(['nft', 'delete', 'table', family, 'kube-proxy']))
    }
  }
  return done
}

const removeChains = async (exec: Exec, program: string): Promise<void> => {
  const input = withoutChains(await exec([`${program}-save`]))
  if (input !== undefined) await exec([`${program}-restore`, '--noflush'], { input })
}

/** Removes the data of an etcd member that is in no cluster any more. */
export const removeEtcdData = async (files: Pick<Files, 'list'>, exec: Exec): Promise<string[]> => {
  const names = await files.list(paths.etcdData)
  if (names.length === 0) return []
  const what = names.map((name) => join(paths.etcdData, name))
  return [
    await exec(['rm', '-rf', '--', ...what]).then(
      () => `removed ${what.join(', ')}`,
      (error: Error) => `could not remove ${what.join(', ')}: ${error.message}`
    )
  ]
}
