import { existsSync } from 'node:fs'
import { ProblemError } from '@joinery/protocol'
import { KubeConfig, type User } from '@kubernetes/client-node'
import { BoundedConfig, type Sending } from './bounded-config.ts'
import { type Connection, connectionBy } from './connection.ts'

export interface FilesOptions extends Sending {
  /** Name of the context. The files' current one if absent. */
  context?: string | undefined
  /** The way out if the files give no cluster. */
  remedy: string
  /** Hears of a program that the files have run to log in, before it runs. If it throws, the program does not run. */
  program: (program: LoginProgram) => void
}

/** A program that a kubeconfig has run to log in: an exec plugin, or the program of an auth provider. */
export interface LoginProgram {
  /** The program with its arguments, as it stands in the file. */
  command: string
  file: string
}

/**
 * Connection by the kubeconfigs in `files`, merged as kubectl merges them: the first file that names something counts,
 * and missing files are passed over. Throws `cluster-unavailable` if that gives no cluster.
 */
export const connectionByFiles = (
  files: readonly string[],
  { context, remedy, program, ...sending }: FilesOptions
): Connection => {
  const unusable = (detail: string): ProblemError => new ProblemError('cluster-unavailable', { detail, remedy })
  const there = files.filter((file) => existsSync(file))
  if (there.length === 0) throw unusable(`there is no kubeconfig ${files.join(', ')}`.trimEnd())
  const config = new BoundedConfig(sending)
  config.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: '' })
  const fileOf = new Map<string, string>()
  for (const file of there) {
    const loaded = load(file)
    if (loaded === undefined) throw unusable(`${file} cannot be read, or is not a kubeconfig`)
    for (const { name } of loaded.users) if (!fileOf.has(name)) fileOf.set(name, file)
    add(config, loaded)
  }
  if (context !== undefined) config.setCurrentContext(context)
  const user = config.getCurrentUser()
  const command = user === null ? '' : commandOf(user)
  if (user !== null && command !== '') program({ command, file: fileOf.get(user.name) ?? '' })
  if (config.getCurrentCluster() !== null) return connectionBy(config)
  const which = context === undefined ? 'no current context with a cluster' : `no context ${context} with a cluster`
  throw unusable(`${there.join(', ')}: ${which}`)
}

/** All that client-node may run for a user: by `exec`, or by an auth provider. Empty if that is nothing. */
const commandOf = ({ exec, authProvider }: User): string => {
  const { exec: ofProvider, 'cmd-path': path, 'cmd-args': given } = authProvider?.config ?? {}
  const plugins = [exec, ofProvider].flatMap((one) => (one ? [[one.command, ...(one.args ?? [])].join(' ')] : []))
  return [...plugins, ...(path ? [[path, given ?? ''].join(' ').trim()] : [])].join('; ')
}

/** Loads a file. Undefined if it cannot be used: the parser's own words may quote a token. */
const load = (file: string): KubeConfig | undefined => {
  try {
    const config = new KubeConfig()
    config.loadFromFile(file)
    return config
  } catch {
    return undefined
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
