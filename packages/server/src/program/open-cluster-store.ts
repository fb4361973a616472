import { StartRefusal } from '../base/start-refusal.ts'
import type { ServerConfig } from '../config/config.ts'
import type { Leading, OpenedStore } from './run-on-cluster.ts'

/** Everything that the store behind the log is opened with. */
export interface ClusterStoreParts extends Leading {
  config: ServerConfig
}

/**
 * Takes the log over, and opens the store behind it: the local file follows what the cluster has. Throws `LogRefusal` if this server must not
 * go on with what it finds.
 */
export const openClusterStore = async (_: ClusterStoreParts): Promise<OpenedStore> => {
  throw new StartRefusal('store: cluster is not there yet in this version', 'set store: file, or leave it out')
}
