import { existsSync } from 'node:fs'
import { ProblemError } from '@joinery/protocol'
import { KubeConfig } from '@kubernetes/client-node'
import { BoundedConfig } from '../bounded-config.ts'
import { type Connection, connectionBy } from '../connection.ts'
import { explain } from '../errors.ts'

/**
 * Connection by the kubeconfigs in `files`, merged as kubectl merges them: the first file that names something counts,
 * and missing files are passed over. Throws `cluster-unavailable` if that gives no cluster.
 */
export const adminConnection = (files: readonly string[]): Connection => {
  const config = new BoundedConfig()
  const there = files.filter((file) => existsSync(file))
  if (there.length === 0) throw unusable(`there is no kubeconfig ${files.join(', ')}`)
  config.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: '' })
  for (const file of there) add(config, load(file))
  if (config.getCurrentCluster() === null) throw unusable(`${there.join(', ')}: no current context with a cluster`)
  return connectionBy(config)
}

const load = (file: string): KubeConfig => {
  try {
    const config = new KubeConfig()
    config.loadFromFile(file)
    return config
  } catch {
    // the parser's own words may quote a token
    throw unusable(`${file} cannot be read, or is not a kubeconfig`)
  }
}

const add = (config: KubeConfig, other: KubeConfig): void => {
  const fresh = <T extends { name: string }>(known: readonly T[], more: readonly T[]): T[] =>
    more.filter(({ name }) => known.every((one) => one.name !== name))
  config.clusters = [...config.clusters, ...fresh(config.clusters, other.clusters)]
  config.users = [...config.users, ...fresh(config.users, other.users)]
  config.contexts = [...config.contexts, ...fresh(config.contexts, other.contexts)]
  config.currentContext ||= other.currentContext
}

/** Does `work` with an administrator's credential. A failure becomes `cluster-unavailable` with the reason. */
export const asAdmin = <T>(api: Connection, work: (api: Connection) => Promise<T>): Promise<T> =>
  explain(api.server, () => work(api), remedy)

const remedy = 'give the kubeconfig of a cluster administrator: --kubeconfig FILE'

const unusable = (detail: string): ProblemError => new ProblemError('cluster-unavailable', { detail, remedy })
