import { randomBytes } from 'node:crypto'
import { type Etcd, type EtcdMember, etcdUrl } from '@joinery/etcd'

/**
 * The etcd of a rehearsed cluster, with one member at first, as far as joins can see it. It words its refusals as
 * etcd does.
 */
export class RehearsalEtcd {
  #members: EtcdMember[] = []
  /** Ids of members whose process runs. */
  readonly #running = new Set<string>()

  constructor(address = '172.30.0.1', name = 'cp-1') {
    this.addLearner(address)
    this.start(address, name)
  }

  get members(): readonly EtcdMember[] {
    return this.#members
  }

  /** Adds a learner. As in etcd by default, there can be only one at a time. */
  addLearner(address: string): void {
    this.#requireQuorum()
    const peer = etcdUrl(address, 2380)
    if (this.#members.some(({ peerURLs }) => peerURLs.includes(peer))) {
      throw new Error('etcdserver: Peer URLs already exists')
    }
    if (this.#members.some(({ isLearner }) => isLearner)) {
      throw new Error('etcdserver: too many learner members in cluster')
    }
    const id = randomBytes(8).readBigUInt64BE().toString()
    this.#members.push({ id, name: '', peerURLs: [peer], clientURLs: [], isLearner: true })
  }

  /**
   * Starts the process of the member at this address. The member gets a name, and soon a vote. The process of a
   * member that was removed ends at once.
   */
  start(address: string, name: string): void {
    const member = this.#at(address)
    if (member === undefined) return
    this.#running.add(member.id)
    Object.assign(member, { name, clientURLs: [etcdUrl(address, 2379)], isLearner: false })
  }

  stop(address: string): void {
    const member = this.#at(address)
    if (member !== undefined) this.#running.delete(member.id)
  }

  /** True if the member at this address has a vote and sees the others. */
  serves(address: string): boolean {
    const member = this.#at(address)
    return member !== undefined && this.#running.has(member.id) && this.#hasQuorum()
  }

  client(): Etcd {
    return {
      members: async () => {
        this.#requireQuorum()
        return structuredClone(this.#members)
      },
      isHealthy: async ({ id }) => this.#running.has(id) && this.#hasQuorum(),
      remove: async (id) => {
        this.#requireQuorum()
        this.#members = this.#members.filter((member) => member.id !== id)
        this.#running.delete(id)
      },
      close: async () => {}
    }
  }

  #at(address: string): EtcdMember | undefined {
    return this.#members.find(({ peerURLs }) => peerURLs.includes(etcdUrl(address, 2380)))
  }

  #hasQuorum(): boolean {
    const voters = this.#members.filter(({ isLearner }) => !isLearner)
    return voters.filter(({ id }) => this.#running.has(id)).length > voters.length / 2
  }

  #requireQuorum(): void {
    // the first member makes the cluster
    if (this.#members.length > 0 && !this.#hasQuorum()) throw new Error('etcdserver: request timed out')
  }
}
