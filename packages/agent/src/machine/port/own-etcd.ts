import type { OwnMember } from '@joinery/etcd'

/** The port for the etcd member that a control-plane join makes of the machine. */
export interface OwnEtcd {
  /** True if there is data of etcd on this machine, whoever's it is. */
  hasEtcdData(): Promise<boolean>

  /**
   * Takes the etcd member of a failed control-plane join out of the cluster, through any other member that answers.
   * Returns the reason why it must stay for now. Undefined if it is out, or was never in. Rejects if etcd does not
   * answer.
   */
  leaveEtcd(own: OwnMember, hosts: readonly string[]): Promise<string | undefined>

  /**
   * Runs the etcd member that a closed join left here, without a credential of the cluster. It does nothing if no
   * member was made. `closeJoin` ends everything that this starts, except etcd itself.
   */
  startEtcd(address: string): Promise<void>
}
