/** The etcd of a cluster, as a client of its members. Every method rejects with an Error that says who answers what. */
export interface Etcd {
  /** As the cluster has agreed on it: without a quorum there is no list. */
  members(): Promise<EtcdMember[]>
  /** It answers, and knows a leader. */
  isHealthy(member: EtcdMember): Promise<boolean>
  /** One that is gone is success. */
  remove(id: string): Promise<void>
  close(): Promise<void>
}

export interface EtcdMember {
  /** A number of 64 bits, in decimal. */
  id: string
  /** Empty until it was started. */
  name: string
  peerURLs: string[]
  /** None until it was started. */
  clientURLs: string[]
  /** It has no vote yet. */
  isLearner: boolean
}

/** The member that a join of this machine makes. */
export interface OwnMember {
  /** By which the others come to it. */
  address: string
  nodeName: string
}

/** Opens it at these hosts, of other control planes; undefined where this machine has nothing to show them. */
export type OpenEtcd = (hosts: readonly string[]) => Promise<Etcd | undefined>

/** `host` is an address, or a name; `port` that of clients or of other members. */
export const etcdUrl = (host: string, port: 2379 | 2380): string => httpsUrl(host, port)

/** `host` is an address of either IP version, or a name. */
export const httpsUrl = (host: string, port: number): string =>
  `https://${host.includes(':') ? `[${host}]` : host}:${port}`
