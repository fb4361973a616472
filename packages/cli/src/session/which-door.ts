import { join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../terminal/errors.ts'
import { type ClusterOptions, filesOf, inFiles, type Kubeconfig } from '../terminal/kubeconfig.ts'

/** Path of the socket on the host of the pairing server. */
export const defaultSocket = '/run/joinery/operator.sock'

/** Configuration of the pairing server. A host that has it is the server's, also while the server is off. */
export const serverConfiguration = '/etc/joinery/server.yaml'

/** Options that name a door, as they were typed. */
export interface Named extends ClusterOptions {
  socket?: string
}

/** The things around the command that decide which door it takes if none is named. */
export interface Around {
  isRoot: boolean
  /** KUBECONFIG of the environment. */
  environment: string | undefined
  /** JOINERY_SOCKET of the environment. */
  socket: string | undefined
  home: string | undefined
  /** True if there is something at this path. */
  exists(path: string): boolean
}

/**
 * The way to the pairing server: the socket of root on its host, or the Kubernetes API with the operator's own rights. `lacks`: the
 * kubeconfigs that are not there, if nothing else than the usual socket was left to try.
 */
export type Door = { to: 'socket'; path: string; lacks?: readonly string[] } | { to: 'cluster'; kubeconfig: Kubeconfig }

/**
 * Decides which door the command takes. The one that is named; else the socket of the environment; else the usual socket if the user
 * is root on the server's host; else the cluster of kubectl's own kubeconfig; else the socket, whose error says where to look.
 * Throws if both are named.
 */
export const decideDoor = ({ socket, ...options }: Named, around: Around): Door => {
  const namesCluster = options.kubeconfig !== undefined || options.context !== undefined
  if (socket !== undefined && namesCluster) {
    const cause = '--socket names the pairing server, and --kubeconfig and --context name a cluster: both cannot be'
    throw new CommandEnd(exitCodes.usage, cause, 'leave one of them away')
  }
  if (options.kubeconfig === '' || options.context === '') {
    throw new CommandEnd(
      exitCodes.usage,
      'the name after --kubeconfig or --context is empty',
      'leave it away, or name one'
    )
  }
  if (socket !== undefined) return { to: 'socket', path: socket }
  const files = kubectlFiles(around)
  if (namesCluster) return { to: 'cluster', kubeconfig: inFiles(files, options) }
  const { isRoot, exists } = around
  if (around.socket) return { to: 'socket', path: around.socket }
  const isHost = isRoot && [defaultSocket, serverConfiguration].some(exists)
  if (isHost) return { to: 'socket', path: defaultSocket }
  if (!files.some(exists)) return { to: 'socket', path: defaultSocket, lacks: files }
  return { to: 'cluster', kubeconfig: inFiles(files, options) }
}

/** The files that kubectl reads if none is named: those of KUBECONFIG, else the one in the home. */
const kubectlFiles = ({ environment, home }: Around): string[] => {
  const listed = filesOf(environment)
  return listed.length > 0 || home === undefined ? listed : [join(home, '.kube', 'config')]
}
