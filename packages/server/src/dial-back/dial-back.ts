import { ProblemError, type Reachability, type ReachabilityRequest } from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'
import type { Dialler } from './dialler.ts'
import { judgeReach } from './judge-reach.ts'

/** Machines that are dialled at the same time: sockets that others can make this server hold. */
const machinesAtOnce = 64

/** Seconds: a try is over by then. */
const retryAfter = 5

/**
 * Dials a machine back, at the address where the server sees it and nowhere else: what a machine says of itself is never
 * dialled. One try at a time for each enrolment; throws `too-many-requests` for another one.
 */
export class DialBack {
  readonly #dialler: Dialler
  readonly #under = new Set<string>()

  constructor(dialler: Dialler) {
    this.#dialler = dialler
  }

  async reach(
    { id, facts }: Pick<EnrolmentDocument, 'id' | 'facts'>,
    seen: string,
    { ports, nonce }: ReachabilityRequest
  ): Promise<Reachability> {
    if (this.#under.has(id)) throw busy('this machine is being dialled already')
    if (this.#under.size >= machinesAtOnce) throw busy('as many machines as may be are being dialled')
    this.#under.add(id)
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
}

const busy = (detail: string): ProblemError => new ProblemError('too-many-requests', { detail }, { retryAfter })
