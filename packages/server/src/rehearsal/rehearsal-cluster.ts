import type { Policy } from '@joinery/kube/names'
import type { Clock } from '../core/base/clock.ts'
import type { Random } from '../core/base/random.ts'
import type { Cluster } from '../core/ports/cluster/cluster.ts'
import { certificateAuthority } from './certificate-authority.ts'
import { certificateControllers } from './certificate-controllers.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { type RehearsalCodes, rehearsalCodes } from './door/codes.ts'
import { type RehearsalDecisions, rehearsalDecisions } from './door/decisions.ts'
import { type RehearsalViews, rehearsalViews } from './door/rehearsal-views.ts'
import { type HeldUp, type HeldUpCall, withHeldUpCalls } from './held-up.ts'
import { type RehearsalRights, rehearsalPort } from './rehearsal-port.ts'
import { rehearsalWorld } from './rehearsal-world.ts'
import { type Delays, emptyState, type Overload } from './state.ts'
import { wholeSeconds } from './whole-seconds.ts'

export interface RehearsalCluster extends Cluster, ClusterWorld {
  /** PEM of the key of the cluster's CA, as root on a control-plane host reads it. */
  caKey: string
  /** Objects by which the cluster shows the enrolments. */
  views: RehearsalViews
  /**
   * Makes the signers read this request (PEM) in place of the approved one. Undefined ends that. No real cluster is
   * known to do that.
   */
  signInstead(request: string | undefined): void
  /** Makes the policy refuse nothing, as an edit of its binding does. Returns the undo. The binding is as old as before. */
  weaken(policy: Policy): () => void
  /** Makes lists that are being read page by page begin again, as after a compaction of etcd. */
  forgetLists(): void
  /** Answers each call of the server with this overload from now on. Returns the undo. */
  overload(answer: Overload): () => void
  /** Counts each answer to the server as a slow one from now on. Returns the undo. */
  slowDown(): () => void
  /**
   * Makes the API server heed what it was told only after these delays. Before this call it heeds at once, but a real
   * one needs a moment.
   */
  delay(delays: Partial<Delays>): void
  /** Makes watches say nothing from now on, as if their connections had died without a word. */
  silenceWatches(): void
  /** Puts a Pod of this DaemonSet on the Node in place of an earlier one, as its controller and the kubelet do. */
  runDaemon(daemonSet: { namespace: string; name: string }, node: string, ready: boolean): void
  /** Holds up the next call of that name on its way. */
  holdUp(call: HeldUpCall): HeldUp
  /** Decisions of this cluster: the port, and what others do to them. */
  decisions: RehearsalDecisions
  /** Codes of this cluster: the port, and what others do to them. */
  codes: RehearsalCodes
}

/**
 * A cluster in memory that behaves like a real one with Joinery's set-up, as far as the server and those around it can
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
    decisions: rehearsalDecisions(state, clock),
    codes: rehearsalCodes(state, clock),
    views: rehearsalViews(state, rights),
    signInstead: (request) => {
      state.signedInstead = request
    },
    weaken: (policy) => {
      state.unbound.add(policy)
      return () => void state.unbound.delete(policy)
    },
    overload: (answer) => {
      state.overload = answer
      return () => {
        state.overload = undefined
      }
    },
    slowDown: () => {
      state.slow = true
      return () => {
        state.slow = false
      }
    },
    delay: (delays) => {
      state.delays = { ...state.delays, ...delays }
    },
    runDaemon: ({ namespace, name: daemonSet }, node, ready) => {
      const name = `${daemonSet}-${node}`
      const created = wholeSeconds(clock.now())
      const pod = { namespace, name, node, created, labels: {}, daemonSet, phase: 'Running', ready }
      state.pods.set(`${namespace}/${name}`, pod)
    },
    silenceWatches: () => {
      state.silent = true
    },
    forgetLists: () => {
      state.listsForgotten += 1
    }
  }
}
