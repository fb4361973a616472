import type { Logger } from '../base/log.ts'
import type { Csr } from '../ports/cluster/csrs.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { BanList } from './ban-list.ts'
import type { LongestValidity } from './longest-validity.ts'
import type { OldMasterKeys } from './old-master-keys.ts'
import type { Pruning } from './pruning.ts'

interface Parts {
  pruning: Pick<Pruning, 'sweep'>
  longest: Pick<LongestValidity, 'look'>
  banList: Pick<BanList, 'look'>
  oldMasterKeys: Pick<OldMasterKeys, 'sweep'>
  log: Logger
}

/** Keeps the server small, as a step of the sweep. A failure holds up nothing, and a later sweep tries again. */
export class Housekeeping {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Prunes, given the cluster as a pass has seen it. */
  async sweep(nodes: readonly ClusterNode[], csrs: readonly Csr[]): Promise<void> {
    const { longest, banList, oldMasterKeys, pruning, log } = this.#parts
    await oldMasterKeys
      .sweep()
      .catch((err) => log.warn({ err }, 'an old master key could not be deleted; the server tries again'))
    try {
      // first: nothing is forgotten before it is known how long certificates are good
      await longest.look(csrs)
      await banList.look()
      await pruning.sweep(nodes)
    } catch (err) {
      log.warn({ err }, 'codes and enrolments that ended long ago could not be pruned; the server tries again')
    }
  }
}
