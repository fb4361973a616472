import type { OwnMember } from '@joinery/etcd'

/** The etcd member that a join of a control plane makes of the machine. */
export interface OwnEtcd {
  /** There is data of etcd on this machine, whoever's it is. */
  hasEtcdData(): Promise<boolean>

  /**
   * Takes the etcd member of a failed join of a control plane out of the cluster, by whatever other member answers. Gives why
   * it must stay for now; undefined if it is out, or was never in. Rejects if etcd does not answer.
   */
  leaveEtcd(own: OwnMember, hosts: readonly string[]): Promise<string | undefined>

  /**
   * Runs the etcd member that a closed join left here, without a credential of the cluster's; nothing if none was made.
   * `closeJoin` ends what is not etcd's.
   */
  startEtcd(address: string): Promise<void>
}
