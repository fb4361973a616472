import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Cluster } from '../cluster.ts'
import { certificateAuthority } from './certificate-authority.ts'
import { certificateControllers } from './certificate-controllers.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { type HeldUp, type HeldUpCall, withHeldUpCalls } from './held-up.ts'
import { type RehearsalRights, rehearsalPort } from './rehearsal-port.ts'
import { rehearsalWorld } from './rehearsal-world.ts'
import { type Delays, emptyState, type Overload } from './state.ts'

export interface RehearsalCluster extends Cluster, ClusterWorld {
  /** PEM of the key of its CA, as root on a control-plane host reads it. */
  caKey: string
  /**
   * From now on the signers read this request, in PEM, in the place of the one that was approved; undefined: no longer. No real
   * cluster is known to do that.
   */
  signInstead(request: string | undefined): void
  /** Lists that are being read page by page begin anew, as after a compaction of etcd. */
  forgetLists(): void
  /** From now on each call of the server is answered so. Gives the undo. */
  overload(answer: Overload): () => void
  /** From now on it heeds so much later what it was told; until then at once, where a real one needs a moment. */
  delay(delays: Partial<Delays>): void
  /** From now on watches say nothing, as those whose connection died without a word. */
  silenceWatches(): void
  /** The next call of that name is held up on its way. */
  holdUp(call: HeldUpCall): HeldUp
}

/**
 * A cluster in memory that behaves as a real one with Joinery's set-up, as far as the server and those around it can
 * see: test/contract/cluster-contract.ts holds for both. It starts without Nodes.
 */
export const rehearsalCluster = async (
  clock: Clock,
  random: Random,
  rights: RehearsalRights = { secrets: true }
): Promise<RehearsalCluster> => {
  const state = emptyState(await certificateAuthority(clock.now()))
  const controllers = certificateControllers(state, clock)
  return {
    ...withHeldUpCalls(rehearsalPort(state, controllers, clock, random, rights)),
    ...rehearsalWorld(state, controllers, clock, random),
    caKey: state.ca.key,
    signInstead: (request) => {
      state.signedInstead = request
    },
    overload: (answer) => {
      state.overload = answer
      return () => {
        state.overload = undefined
      }
    },
    delay: (delays) => {
      state.delays = { ...state.delays, ...delays }
    },
    silenceWatches: () => {
      state.silent = true
    },
    forgetLists: () => {
      state.listsForgotten += 1
    }
  }
}
