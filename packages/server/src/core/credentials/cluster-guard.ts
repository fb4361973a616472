import type { Policy } from '@joinery/kube/names'
import type { InjectionToken } from 'tsyringe'
import { InTurn } from '../base/in-turn.ts'
import type { Leadership } from '../leadership/leadership.ts'
import type { Csr } from '../ports/cluster/csrs.ts'
import type { ClusterNode, LabelsAndTaints } from '../ports/cluster/nodes.ts'
import type { UnguardedCluster } from '../ports/cluster/unguarded-cluster.ts'
import type { BootstrapToken, UnguardedGiving } from '../ports/cluster/unguarded-giving.ts'
import type { BannedNode, UnguardedTakingAway } from '../ports/cluster/unguarded-taking-away.ts'
import type { Bounds } from './bounds.ts'

interface Parts {
  cluster: UnguardedCluster
  /** Asked at each call. */
  leadership: () => Pick<Leadership, 'require'>
  bounds: Bounds
}

/**
 * Guards the calls that give and take away. A private field makes each of these types one that nothing else fits, and the
 * classes stay in this file. So whoever has one has what the guard made.
 */
export const guardCluster = (parts: Parts) => {
  const banTurns = new GuardedBanTurns(parts)
  return { giving: new GuardedGiving(parts, banTurns), takingAway: new GuardedTakingAway(parts, banTurns), banTurns }
}

/**
 * Makes a call that gives. Throws `cluster-unsafe` while a policy that it rests on is missing, and `not-active` unless the leadership
 * holds. The leadership comes last, because it may be lost while the cluster is asked about the policy.
 */
const give = async <T>(
  { cluster, leadership, bounds }: Parts,
  restsOn: readonly Policy[],
  call: (cluster: UnguardedCluster) => Promise<T>
): Promise<T> => {
  await bounds.require(...restsOn)
  leadership().require()
  return call(cluster)
}

/** The ban of one name, in its turn. */
export interface BanTurn {
  ban(reason: string): Promise<void>
  unban(): Promise<void>
}

/** Turns of the ban list: what changes the ban of one name is done one after the other. */
class GuardedBanTurns {
  readonly #parts: Parts
  readonly #turns = new InTurn()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Does `work` in the turn of the name. It must not ask for a turn of the same name. */
  do(name: string, work: (turn: BanTurn) => Promise<void>): Promise<void> {
    return this.#turns.do(name, () =>
      work({
        ban: (reason) => this.#parts.cluster.ban(name, reason),
        unban: () => give(this.#parts, ['joinery-ban-list'], (cluster) => cluster.unban(name))
      })
    )
  }
}

/**
 * The calls that give something to a machine. They are the active server's alone, and each waits for the admission policy that it rests
 * on.
 */
class GuardedGiving implements UnguardedGiving {
  readonly #parts: Parts
  readonly #banTurns: BanTurns

  constructor(parts: Parts, banTurns: BanTurns) {
    this.#parts = parts
    this.#banTurns = banTurns
  }

  /** The policies that a token rests on are asked about before its attempt is opened. */
  createToken(token: BootstrapToken): Promise<void> {
    return give(this.#parts, [], (cluster) => cluster.createToken(token))
  }

  createOwnCsr(csr: Pick<Csr, 'name' | 'request'>): Promise<Csr> {
    return give(this.#parts, ['joinery-csrs'], (cluster) => cluster.createOwnCsr(csr))
  }

  approveCsr(csr: Pick<Csr, 'name' | 'uid'>): Promise<void> {
    return give(this.#parts, ['joinery-csr-approvals'], (cluster) => cluster.approveCsr(csr))
  }

  unban(name: string): Promise<void> {
    return this.#banTurns.do(name, (turn) => turn.unban())
  }

  setLabelsAndTaints(node: Pick<ClusterNode, 'name' | 'uid'>, wanted: LabelsAndTaints): Promise<void> {
    return give(this.#parts, ['joinery-nodes'], (cluster) => cluster.setLabelsAndTaints(node, wanted))
  }

  removeStartupTaint(node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> {
    return give(this.#parts, ['joinery-nodes'], (cluster) => cluster.removeStartupTaint(node))
  }
}

/** The calls that take something away. They need no leadership: another server that does it too does no harm. */
class GuardedTakingAway implements UnguardedTakingAway {
  readonly #parts: Parts
  readonly #banTurns: BanTurns

  constructor(parts: Parts, banTurns: BanTurns) {
    this.#parts = parts
    this.#banTurns = banTurns
  }

  deleteToken(id: string): Promise<void> {
    return this.#parts.cluster.deleteToken(id)
  }

  denyCsr(csr: Pick<Csr, 'name' | 'uid'>, fault?: string): Promise<void> {
    return this.#parts.cluster.denyCsr(csr, fault)
  }

  deleteOwnCsr(name: string): Promise<void> {
    return this.#parts.cluster.deleteOwnCsr(name)
  }

  /** Throws `cluster-unsafe` while the policy is missing that keeps the server from any other Node. */
  async deleteNode(node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void> {
    await this.#parts.bounds.require('joinery-node-deletions')
    await this.#parts.cluster.deleteNode(node)
  }

  ban(name: string, reason: string): Promise<void> {
    return this.#banTurns.do(name, (turn) => turn.ban(reason))
  }

  settleBannedLeases(nodes: readonly BannedNode[], turn: number): Promise<number> {
    return this.#parts.cluster.settleBannedLeases(nodes, turn)
  }
}

export type Giving = GuardedGiving
export const Giving = Symbol('Giving') as InjectionToken<Giving>

export type TakingAway = GuardedTakingAway
export const TakingAway = Symbol('TakingAway') as InjectionToken<TakingAway>

export type BanTurns = GuardedBanTurns
