import { ProblemError, type Reach, type Reachability, type ReachabilityRequest } from '@joinery/protocol'
import { addressGroup } from '../../core/base/address-group.ts'
import { budgets } from '../../core/base/budgets.ts'
import type { Dialled, Dialler, Knocked } from '../../core/ports/dialler.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'

/**
 * Dials a machine back, only at the address where the server sees it: an address that a machine claims is never
 * dialled. Each enrolment has one try at a time, and each code and each address has a fair share of all. Throws
 * `too-many-requests` for any other try.
 */
export class DialBack {
  readonly #dialler: Dialler
  /** Dials under way, by enrolment. */
  readonly #under = new Map<string, { code: string; address: string }>()

  constructor(dialler: Dialler) {
    this.#dialler = dialler
  }

  async reach(
    { id, code, facts }: Pick<EnrolmentDocument, 'id' | 'code' | 'facts'>,
    seen: string,
    { ports, nonce }: ReachabilityRequest
  ): Promise<Reachability> {
    if (this.#under.has(id)) throw busy('the server dials this machine already')
    const dialled = { code, address: addressGroup(seen) }
    if (!hasSlot(this.#taken(dialled), budgets.dialBack.slots))
      throw busy('the server already dials as many machines as it may')
    this.#under.set(id, dialled)
    try {
      const reached = ports.map(async (port) => {
        const dialled = await this.#dialler.dial(seen, port, nonce)
        return { port, reach: judgeReach(dialled, seen, facts.addresses) }
      })
      return { address: seen, ports: await Promise.all(reached) }
    } finally {
      this.#under.delete(id)
    }
  }

  /**
   * Knocks at the port of the kubelet, at the address where the server saw the machine. Undefined if that says nothing about the
   * machine: no agent came, the machine is behind another address, or the server dials as many machines as it may.
   */
  async knock({
    id,
    code,
    address,
    facts
  }: Pick<EnrolmentDocument, 'id' | 'code' | 'address' | 'facts'>): Promise<
    { address: string; answer: Knocked } | undefined
  > {
    const dialled = { code, address: addressGroup(address) }
    if (!facts.addresses.includes(address) || this.#under.has(id)) return undefined
    if (!hasSlot(this.#taken(dialled), budgets.dialBack.slots)) return undefined
    this.#under.set(id, dialled)
    try {
      return { address, answer: await this.#dialler.knock(address, kubeletPort) }
    } finally {
      this.#under.delete(id)
    }
  }

  #taken({ code, address }: { code: string; address: string }): Taken {
    const under = [...this.#under.values()]
    return {
      all: under.length,
      code: under.filter((other) => other.code === code).length,
      address: under.filter((other) => other.address === address).length
    }
  }
}

/** The only port that the server knocks at: a kubelet listens there, and says nothing to anybody whom it does not know. */
const kubeletPort = 10_250

/**
 * Judges how a machine can be reached, from a dial at the address where the server sees it. If the machine does not
 * claim that address, a peer that did not answer may be another machine: then nothing is known about the machine
 * itself.
 */
export const judgeReach = (dialled: Dialled, seen: string, claimed: readonly string[]): Reach =>
  dialled === 'open' || claimed.includes(seen) ? dialled : 'behind-nat'

const busy = (detail: string): ProblemError =>
  new ProblemError('too-many-requests', { detail }, { retryAfter: budgets.dialBack.retryAfter })

/** Slots that are taken: in all, by machines of the code, and by machines at the address. */
interface Taken {
  all: number
  code: number
  address: number
}

/**
 * True if a machine of that code, at that address, may have one more of `slots`. A code may hold half as many slots as
 * are free, and an address as many as are free. However many machines have one code or one address, they leave room for
 * the next code and the next address. A single code gets a third of all slots, and a single address half.
 */
export const hasSlot = ({ all, code, address }: Taken, slots: number): boolean => {
  const free = slots - all
  return free > 0 && 2 * code < free && address < free
}
