/** The etcd of a cluster, as a client of its members. Every method rejects with an Error that says who answers what. */
export interface Etcd {
  /** The members as the cluster has agreed on them. Without a quorum there is no list. */
  members(): Promise<EtcdMember[]>
  /** True if the member answers, and knows a leader. */
  isHealthy(member: EtcdMember): Promise<boolean>
  /** Removes a member. If it is gone already, that is success. */
  remove(id: string): Promise<void>
  close(): Promise<void>
}

export interface EtcdMember {
  /** Id of the member: a number of 64 bits, in decimal. */
  id: string
  /** Empty until the member was started. */
  name: string
  peerURLs: string[]
  /** Empty until the member was started. */
  clientURLs: string[]
  /** True as long as the member has no vote. */
  isLearner: boolean
}

/** The member that a join of this machine makes. */
export interface OwnMember {
  /** Address by which the other members reach this one. */
  address: string
  nodeName: string
}

/** Opens etcd at these hosts, which are other control planes. Undefined if this machine has no certificate to show them. */
export type OpenEtcd = (hosts: readonly string[]) => Promise<Etcd | undefined>

/** https URL of an etcd member. `host` is an address or a name. `port` is for clients, or for other members. */
export const etcdUrl = (host: string, port: 2379 | 2380): string => httpsUrl(host, port)

/** https URL of a host, which is an address of either IP version, or a name. */
export const httpsUrl = (host: string, port: number): string =>
  `https://${host.includes(':') ? `[${host}]` : host}:${port}`
